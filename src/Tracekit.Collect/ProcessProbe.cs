using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect;

/// <summary>
/// One process under observation, its files of /proc kept open. An open file of /proc belongs to that process for good: when the pid goes to
/// another process, reading fails, so a recycled pid is never taken for the old one.
/// </summary>
public sealed class ProcessProbe : IDisposable
{
    private const int TextBytes = 512;

    private readonly ProcFile _stat;
    private readonly ProcFile _statm;
    private long _lastRssKb;

    private ProcessProbe(int pid, ProcFile stat, ProcFile statm, in ProcPidStat first)
    {
        Pid = pid;
        ParentPid = first.ParentPid;
        StartTimeTicks = first.StartTimeTicks;
        _stat = stat;
        _statm = statm;
    }

    /// <summary>Process id.</summary>
    public int Pid { get; }

    /// <summary>Its parent when it was first seen.</summary>
    public int ParentPid { get; }

    /// <summary>When it started, in clock ticks since boot.</summary>
    public long StartTimeTicks { get; }

    /// <summary>Begins to observe; null when there is no such process.</summary>
    public static ProcessProbe? TryOpen(int pid)
    {
        var stat = ProcFile.TryOpen($"/proc/{pid}/stat");
        var statm = ProcFile.TryOpen($"/proc/{pid}/statm");
        Span<byte> text = stackalloc byte[TextBytes];
        if (stat is not null && statm is not null && ProcPidStat.TryParse(text[..Math.Max(0, stat.Read(text))], out var parsed))
        {
            return new ProcessProbe(pid, stat, statm, parsed);
        }

        stat?.Dispose();
        statm?.Dispose();
        return null;
    }

    /// <summary>
    /// Reads the process. False when it has ended: a zombie is not sampled, because its exit accounting says more.
    /// </summary>
    /// <param name="clock">The clock to stamp it with.</param>
    /// <param name="sample">What was read; CPU time and time stamp belong together to well under 10 µs on an idle machine.</param>
    public bool TrySample(RunClock clock, out ProcessSample sample)
    {
        Span<byte> text = stackalloc byte[TextBytes];
        var ts = clock.NowMs;

        // The clock goes by the pid's number; that the open file still reads afterwards shows that the number was still this process's.
        if (!CpuClock.TryReadNs(Pid, out var cpuNs)
            || !ProcPidStat.TryParse(text[..Math.Max(0, _stat.Read(text))], out var stat)
            || stat.HasExited
            || !ProcPidStatm.TryParse(text[..Math.Max(0, _statm.Read(text))], out var statm))
        {
            sample = default;
            return false;
        }

        // The leader of a process may end before its threads; it then has no memory of its own to tell of, but the process still has it.
        var rssKb = stat.State == 'Z' ? _lastRssKb : statm.ResidentKb;
        _lastRssKb = rssKb;
        var childrenCpuNs = (stat.CutimeTicks + stat.CstimeTicks) * Kernel.NsPerClockTick;
        sample = new ProcessSample(ts, Pid, rssKb, stat.UtimeTicks, stat.StimeTicks, cpuNs, childrenCpuNs);
        return true;
    }

    /// <summary>Stops observing.</summary>
    public void Dispose()
    {
        _stat.Dispose();
        _statm.Dispose();
    }
}
