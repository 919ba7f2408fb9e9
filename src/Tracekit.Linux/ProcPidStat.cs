using System.Text;
using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>What <c>/proc/&lt;pid&gt;/stat</c> says (proc_pid_stat(5)); field numbers as there.</summary>
/// <param name="State">Field 3: R, S, D, Z, T, t, X, I.</param>
/// <param name="ParentPid">Field 4.</param>
/// <param name="UtimeTicks">Field 14: user CPU time of all threads, in clock ticks.</param>
/// <param name="StimeTicks">Field 15: system CPU time, in clock ticks.</param>
/// <param name="CutimeTicks">Field 16: user CPU time of the children that were waited for.</param>
/// <param name="CstimeTicks">Field 17: their system CPU time.</param>
/// <param name="ThreadCount">Field 20.</param>
/// <param name="StartTimeTicks">Field 22: when it started, in clock ticks since boot (CLOCK_BOOTTIME); with the pid it names a process for good.</param>
public readonly record struct ProcPidStat(
    char State,
    int ParentPid,
    long UtimeTicks,
    long StimeTicks,
    long CutimeTicks,
    long CstimeTicks,
    int ThreadCount,
    long StartTimeTicks)
{
    /// <summary>True when the process has ended and only its parent's wait is outstanding. A leader that ended before its threads is not counted.</summary>
    public bool HasExited => State is 'X' || (State is 'Z' && ThreadCount <= 1);

    /// <summary>
    /// Reads the text of the file. The command name (field 2) may hold spaces, parentheses and line feeds, so the fields are counted from the
    /// last closing parenthesis.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ProcPidStat stat)
    {
        stat = default;
        var nameEnd = text.LastIndexOf((byte)')');
        if (nameEnd < 0)
        {
            return false;
        }

        var fields = new ProcText(text[(nameEnd + 1)..]);
        if (!fields.Character(out var state)
            || !fields.Number(out var parent)
            || !fields.Skip(9)
            || !fields.Number(out var utime)
            || !fields.Number(out var stime)
            || !fields.Number(out var cutime)
            || !fields.Number(out var cstime)
            || !fields.Skip(2)
            || !fields.Number(out var threads)
            || !fields.Skip(1)
            || !fields.Number(out var start))
        {
            return false;
        }

        stat = new ProcPidStat((char)state, (int)parent, utime, stime, cutime, cstime, (int)threads, start);
        return true;
    }

    /// <summary>The command name, field 2 without its parentheses; empty when the text has none.</summary>
    public static string CommandName(ReadOnlySpan<byte> text)
    {
        var start = text.IndexOf((byte)'(');
        var end = text.LastIndexOf((byte)')');
        return start >= 0 && end > start ? Encoding.UTF8.GetString(text[(start + 1)..end]) : "";
    }

    /// <summary>The bytes of the command name, field 2 without its parentheses.</summary>
    public static ReadOnlySpan<byte> CommandNameBytes(ReadOnlySpan<byte> text)
    {
        var start = text.IndexOf((byte)'(');
        var end = text.LastIndexOf((byte)')');
        return start >= 0 && end > start ? text[(start + 1)..end] : default;
    }

    /// <summary>Page faults that took no reading (field 10) and that did (field 12), and the resident set in pages (field 24).</summary>
    public static bool TryParseMemory(ReadOnlySpan<byte> text, out long minorFaults, out long majorFaults, out long residentPages)
    {
        var fields = new ProcText(text[(text.LastIndexOf((byte)')') + 1)..]);
        (majorFaults, residentPages) = (0, 0);
        return fields.Skip(7) & fields.Number(out minorFaults)
            && fields.Skip(1) && fields.Number(out majorFaults)
            && fields.Skip(11) && fields.Number(out residentPages);
    }

    /// <summary>True for a thread of the kernel itself (flag PF_KTHREAD in field 9).</summary>
    public static bool IsKernelThread(ReadOnlySpan<byte> text)
    {
        const long KernelThreadFlag = 0x200000;
        var fields = new ProcText(text[(text.LastIndexOf((byte)')') + 1)..]);
        return fields.Skip(6) && fields.Number(out var flags) && (flags & KernelThreadFlag) != 0;
    }

    /// <summary>Reads the file once; null when there is no such process.</summary>
    public static ProcPidStat? Read(int pid)
    {
        using var file = ProcFile.TryOpen($"/proc/{pid}/stat");
        Span<byte> buffer = stackalloc byte[1024];
        var length = file?.Read(buffer) ?? 0;
        return length > 0 && TryParse(buffer[..length], out var stat) ? stat : null;
    }

    /// <summary>When the process started, in ns since the Unix epoch on <paramref name="clock"/>; as exact as a clock tick (10 ms).</summary>
    public long StartEpochNs(RunClock clock) => StartEpochNs(StartTimeTicks, clock);

    /// <summary>A start time in ticks since boot as ns since the Unix epoch.</summary>
    public static long StartEpochNs(long startTimeTicks, RunClock clock) =>
        clock.NowNs - (CpuClock.BootTimeNs() - (startTimeTicks * Kernel.NsPerClockTick));
}
