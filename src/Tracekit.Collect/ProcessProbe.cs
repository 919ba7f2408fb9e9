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
    private DetailFiles? _details;
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
    public static ProcessProbe? TryOpen(int pid) => TryOpen(pid, out _);

    /// <summary>Begins to observe; null when it cannot be.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="isRefused">True when the process is there, and we may not look or have no file descriptor left.</param>
    public static ProcessProbe? TryOpen(int pid, out bool isRefused)
    {
        var stat = ProcFile.TryOpen($"/proc/{pid}/stat", out isRefused);
        var statm = stat is null ? null : ProcFile.TryOpen($"/proc/{pid}/statm", out isRefused);
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
        return TrySample(clock, text, out sample, out _);
    }

    /// <summary>Reads the process with further fields; false when it has ended.</summary>
    /// <param name="clock">The clock to stamp it with.</param>
    /// <param name="wanted">Which fields; the same each time.</param>
    /// <param name="sample">What was read.</param>
    /// <param name="details">The further fields; those that we may not read are left at −1.</param>
    public bool TrySample(RunClock clock, ProcessDetails wanted, out ProcessSample sample, out SampleDetails details)
    {
        Span<byte> text = stackalloc byte[TextBytes];
        details = new SampleDetails();
        if (!TrySample(clock, text, out sample, out var length))
        {
            return false;
        }

        _details ??= new DetailFiles(Pid, wanted);
        _details.Read(text[..length], ref details);
        return true;
    }

    /// <summary>Fields that were asked for and that we may not read; 0 before the first sample.</summary>
    public int RefusedFields => _details?.RefusedCount ?? 0;

    private bool TrySample(RunClock clock, Span<byte> text, out ProcessSample sample, out int statLength)
    {
        var ts = clock.NowMs;
        statLength = 0;

        // The clock goes by the pid's number; that the open file still reads afterwards shows that the number was still this process's.
        if (!CpuClock.TryReadNs(Pid, out var cpuNs)
            || !ProcPidStat.TryParse(text[..(statLength = Math.Max(0, _stat.Read(text)))], out var stat)
            || stat.HasExited
            || !TryReadMemory(out var statm))
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

    private bool TryReadMemory(out ProcPidStatm statm)
    {
        Span<byte> text = stackalloc byte[128];
        return ProcPidStatm.TryParse(text[..Math.Max(0, _statm.Read(text))], out statm);
    }

    /// <summary>Stops observing.</summary>
    public void Dispose()
    {
        _details?.Dispose();
        _stat.Dispose();
        _statm.Dispose();
    }
}
