namespace Tracekit.Trace.Lines;

/// <summary>
/// The ranges outside which a number in a trace is a fault of the line, not a measurement. They are wide (year 2100, 31 CPU-years in one
/// process), and they
/// keep every sum that the parser and the exporter make inside 64 bits.
/// </summary>
internal static class FieldLimits
{
    /// <summary>Latest time stamp: the year 2100, in ms since the epoch.</summary>
    public const long MaxTsMs = RunClock.LatestMs;

    /// <summary>Most CPU time of one process, in ns.</summary>
    public const long MaxCpuNs = 1_000_000_000_000_000_000;

    /// <summary>Most user or system CPU time of one process in clock ticks: the same 31 years at 100 Hz.</summary>
    public const long MaxTicks = 100_000_000_000;

    /// <summary>Largest resident set: 1 EiB in KiB.</summary>
    public const long MaxRssKb = 1L << 50;

    /// <summary>Most logical cores of a node, and most capacity units of a task.</summary>
    public const int MaxCores = 1_000_000;

    /// <summary>Highest frequency of a core, in MHz.</summary>
    public const int MaxMhz = 1_000_000;

    /// <summary>Most memory of a node, in MiB.</summary>
    public const long MaxMemMb = 1L << 40;

    /// <summary>True for a usable time stamp.</summary>
    public static bool IsTime(long tsMs) => tsMs is > 0 and <= MaxTsMs;

    /// <summary>True for a usable process id.</summary>
    public static bool IsPid(long pid) => pid is > 0 and <= int.MaxValue;

    /// <summary>True for a usable CPU time in ns.</summary>
    public static bool IsCpu(long ns) => ns is >= 0 and <= MaxCpuNs;

    /// <summary>True for a usable resident set.</summary>
    public static bool IsRss(long kb) => kb is >= 0 and <= MaxRssKb;

    /// <summary>True for a usable tick counter.</summary>
    public static bool IsTicks(long ticks) => ticks is >= 0 and <= MaxTicks;
}
