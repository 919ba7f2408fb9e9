using Tracekit.Collect;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Bench;

/// <summary>Memory of a collector over as many ticks as an hour has at 10 Hz, which it takes as fast as it is let.</summary>
internal static class SamplerHourBenchmark
{
    private const int Processes = 10;
    private const long Ticks = 36_000;
    private const double MostGrowthMb = 2;
    private const double MostBytesPerTick = 1;

    // The fastest at which each tick has samples of its own: time stamps are whole milliseconds.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(40);

    /// <summary>Runs it.</summary>
    public static IEnumerable<BenchRow> Run()
    {
        var clock = new RunClock(TimeProvider.System);
        using var directory = new ScratchDirectory();
        using var sleepers = new SleeperGroup(Processes, clock);
        var run = sleepers.Whitelist(directory.Path, Processes);
        using var file = AppendFile.Open(run.ProcMetrics);
        var beganNs = clock.MonotonicNs;
        using var collector = new ProcessCollector(run.Pids, new SampleLog(file), clock, Interval);
        var early = WaitForTick(collector, clock, beganNs, Ticks / 10);
        var half = WaitForTick(collector, clock, beganNs, Ticks / 2);
        var late = WaitForTick(collector, clock, beganNs, Ticks);
        var seconds = (clock.MonotonicNs - beganNs) / 1e9;
        var growthMb = (late.RssBytes - early.RssBytes) / 1e6;
        var bytesPerTick = (late.AllocatedBytes - early.AllocatedBytes) / (double)Math.Max(1, late.Ticks - early.Ticks);
        var isComplete = late.Ticks >= Ticks;
        yield return new BenchRow(
            $"RSS over an hour of ticks at 10 Hz: {late.Ticks} ticks of {Processes} processes, taken in {seconds:0} s",
            $"{early.RssBytes / 1e6:0.0} MB after a tenth, {half.RssBytes / 1e6:0.0} MB after half, {late.RssBytes / 1e6:0.0} MB at the end",
            "",
            $"{growthMb:+0.00;-0.00;0.00} MB, {bytesPerTick:0.00} bytes allocated a tick",
            $"≤ {MostGrowthMb:0} MB more, ≤ {MostBytesPerTick:0} byte a tick",
            isComplete && growthMb <= MostGrowthMb && bytesPerTick <= MostBytesPerTick);
    }

    private static (long Ticks, long RssBytes, long AllocatedBytes) WaitForTick(ProcessCollector collector, RunClock clock, long beganNs, long tick)
    {
        while (collector.Counts.Ticks < tick && clock.MonotonicNs - beganNs < Longest.Ticks * 100)
        {
            Thread.Sleep(1);
        }

        // The allocations last, so that what reading the others allocates is counted at one of the two looks only.
        var rssBytes = Environment.WorkingSet;
        return (collector.Counts.Ticks, rssBytes, GC.GetTotalAllocatedBytes(precise: true));
    }
}
