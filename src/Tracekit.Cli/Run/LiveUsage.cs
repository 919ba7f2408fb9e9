using System.Collections.Concurrent;
using Tracekit.Model;

namespace Tracekit.Cli.Run;

/// <summary>What running processes use at the moment, from the collector's last two samples of each.</summary>
internal sealed class LiveUsage
{
    private readonly ConcurrentDictionary<int, (ProcessSample Last, double Cores)> _byPid = new();

    /// <summary>Takes a sample in.</summary>
    public void Observe(ProcessSample sample) => _byPid[sample.Pid] = (sample, _byPid.TryGetValue(sample.Pid, out var before) ? Cores(before.Last, sample) : 0);

    /// <summary>Cores in use and resident set in KiB; zeros when not known yet.</summary>
    public (double Cores, long RssKb) Of(int pid) => _byPid.TryGetValue(pid, out var usage) ? (usage.Cores, usage.Last.RssKb) : (0, 0);

    private static double Cores(in ProcessSample from, in ProcessSample to) =>
        to.TsMs > from.TsMs && to.CpuNs >= from.CpuNs ? (to.CpuNs - from.CpuNs) / (double)((to.TsMs - from.TsMs) * RunClock.NsPerMs) : 0;
}
