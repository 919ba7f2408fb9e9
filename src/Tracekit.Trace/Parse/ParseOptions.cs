namespace Tracekit.Trace.Parse;

/// <summary>How to parse a run.</summary>
public sealed record ParseOptions
{
    /// <summary>
    /// Clock ticks a second on the machine that recorded the run (<c>sysconf(_SC_CLK_TCK)</c>); 100 on every Linux there is today.
    /// </summary>
    public int ClockTicksPerSecond { get; init; } = 100;

    /// <summary>
    /// False leaves the samples of processes out of the wide trace: <c>proc_metrics.jsonl</c>, <c>proc_cpu.jsonl</c> and <c>proc_rss.jsonl</c>,
    /// which take about twice the room of the raw samples.
    /// </summary>
    public bool WideSamples { get; init; } = true;

    /// <summary>Threads; 0 for one more than there are cores.</summary>
    public int Workers { get; init; }

    /// <summary>Length of a tick in ns.</summary>
    /// <exception cref="UsageException">The rate is not between 100 and 1000.</exception>
    internal long TickNs => ClockTicksPerSecond is >= 100 and <= 1000
        ? 1_000_000_000 / ClockTicksPerSecond
        : throw new UsageException($"clock ticks per second: use 100 to 1000, got {ClockTicksPerSecond}");
}
