using System.Globalization;
using Tracekit.Collect;
using Tracekit.Model;

namespace Tracekit.Bench;

/// <summary>
/// CPU time per process-sample: the collector as it is, files written, against the three bare system calls that it rests on and a plain reader of
/// text, all woken at the same rate over the same processes in turn, and against pidstat; and how punctual its ticks are.
/// </summary>
internal static class SamplerBenchmark
{
    private const int Rounds = 3;
    private const double MostTimesBare = 2;
    private static readonly int[] ProcessCounts = [100, 1000];

    // Fast rates first: by the slow ones, all code is compiled for good. At 1 Hz each round is one tick.
    private static readonly (int Hz, double RoundSeconds)[] Rates = [(100, 0.3), (10, 0.3), (1, 1)];

    /// <summary>CPU per process-sample.</summary>
    public static IEnumerable<BenchRow> Run()
    {
        var clock = new RunClock(TimeProvider.System);
        using var sleepers = new SleeperGroup(ProcessCounts.Max(), clock);
        var pidstats = ProcessCounts.Select(n => Task.Run(() => SamplerPeers.PidstatNsPerSample(sleepers, n, clock))).ToArray();
        Task.WaitAll(pidstats);
        foreach (var (count, pidstatNs) in ProcessCounts.Zip(pidstats, (n, p) => (n, p.Result)))
        {
            using var directory = new ScratchDirectory();
            var run = sleepers.Whitelist(directory.Path, count);
            int[] pids = [.. sleepers.Pids.Take(count)];
            var pidstat = pidstatNs is { } ns ? Us(ns) : "not installed";
            _ = Compare(run, pids, clock, Rates[0].Hz, TimeSpan.FromSeconds(Rates[0].RoundSeconds), withText: true);
            foreach (var (hz, roundSeconds) in Rates)
            {
                var rounds = Enumerable.Range(0, Rounds).Select(round => Compare(
                    run, pids, clock, hz, TimeSpan.FromSeconds(roundSeconds), withText: hz > 1 || round == 0)).ToArray();
                var ratio = Median.Of(rounds.Select(r => r.OursNs / r.BareNs));
                var missedPercent = Median.Of(rounds.Select(r => r.MissedPercent));
                yield return new BenchRow(
                    $"CPU per process-sample, {count} processes at {hz} Hz, written to the file",
                    Us(Median.Of(rounds.Select(r => r.OursNs))) + (missedPercent > 0 ? $" ({missedPercent:0} % of the ticks missed)" : ""),
                    $"{Us(Median.Of(rounds.Select(r => r.BareNs)))} bare clock_gettime + 2 pread, {Us(Median.Of(rounds.Select(r => r.TextNs).OfType<double>()))} plain text reader, "
                        + $"{pidstat} pidstat (1 Hz)",
                    $"{ratio:0.00}×",
                    $"≤ {MostTimesBare:0}× bare",
                    ratio <= MostTimesBare);
            }
        }
    }

    /// <summary>By how much ticks are late.</summary>
    public static IEnumerable<BenchRow> RunJitter()
    {
        const int Processes = 100;
        var interval = TimeSpan.FromMilliseconds(10);
        var roundTime = TimeSpan.FromSeconds(1);
        var clock = new RunClock(TimeProvider.System);
        using var directory = new ScratchDirectory();
        using var sleepers = new SleeperGroup(Processes, clock);
        var run = sleepers.Whitelist(directory.Path, Processes);
        using var bare = new BareCalls(sleepers.Pids);
        var ours = new List<Lateness>();
        var floor = new List<Lateness>();
        for (var round = 0; round < Rounds; round++)
        {
            var (oursLate, floorLate) = (CollectorLateness(run, clock, interval, roundTime), BareLateness(bare, interval, roundTime));
            ours.Add(oursLate);
            floor.Add(floorLate);
        }

        var ratio = Median.Of(ours.Zip(floor, (o, f) => o.P50Us / f.P50Us));
        yield return new BenchRow(
            $"ticks late by (p50, p99, max), {Processes} processes at {1000 / interval.TotalMilliseconds:0} Hz",
            Lateness.MedianText(ours),
            $"{Lateness.MedianText(floor)} (the bare system calls)",
            string.Create(CultureInfo.InvariantCulture, $"{ratio:0.00}× at p50"),
            "",
            true);
    }

    private static string Us(double ns) => string.Create(CultureInfo.InvariantCulture, $"{ns / 1000:0.00} µs");

    private static Comparison Compare(RunDirectory run, int[] pids, RunClock clock, int hz, TimeSpan time, bool withText)
    {
        var interval = TimeSpan.FromSeconds(1.0 / hz);
        var (oursNs, missedPercent) = Collector(run, clock, interval, time);
        using var bare = new BareCalls(pids);

        // The first reading of an open file costs the kernel more; the collector is measured from its second tick on, too.
        bare.Read();
        var bareNs = NsPerSample(interval, time, pids.Length, bare.Read);

        // No goal rests on this one; a round of a slow rate takes its time.
        double? textNs = !withText ? null : NsPerSample(interval, time, pids.Length, new TextReading(pids).Read);
        return new Comparison(oursNs, missedPercent, bareNs, textNs);
    }

    private static double NsPerSample(TimeSpan interval, TimeSpan time, int processes, Action read)
    {
        long ticks = 0;
        var usedNs = SamplerPeers.Drive(interval, time, _ =>
        {
            read();
            ticks++;
        });
        return usedNs / (double)(ticks * processes);
    }

    private static (double NsPerSample, double MissedPercent) Collector(RunDirectory run, RunClock clock, TimeSpan interval, TimeSpan time)
    {
        using var file = AppendFile(run);
        using var collector = new ProcessCollector(run.Pids, new SampleLog(file), clock, interval);
        var samplesBefore = SamplesBeyond(collector, 0).Samples;
        var before = SamplerPeers.ProcessCpuNs();
        Thread.Sleep(time);
        var counts = SamplesBeyond(collector, samplesBefore);

        // The counts are given out between two ticks, so the CPU time that is read next is that of whole ticks.
        var usedNs = SamplerPeers.ProcessCpuNs() - before;
        return (usedNs / (double)(counts.Samples - samplesBefore), 100.0 * counts.MissedTicks / (counts.Ticks + counts.MissedTicks));
    }

    private static CollectorCounts SamplesBeyond(ProcessCollector collector, long samples)
    {
        CollectorCounts counts;
        while ((counts = collector.Counts).Samples <= samples)
        {
            Thread.Sleep(1);
        }

        return counts;
    }

    private static Lateness CollectorLateness(RunDirectory run, RunClock clock, TimeSpan interval, TimeSpan time)
    {
        var intervalNs = interval.Ticks * 100;
        var lateNs = new List<long>(1 + (int)(2 * time / interval));
        var firstPid = 0;
        using var file = AppendFile(run);
        var options = new CollectorOptions
        {
            Selection = new ProcessSelection { SentinelDirectory = run.Pids },
            Interval = interval,
            Observer = sample =>
            {
                // A round is always in the same order: the first process tells when it began, give or take one sample's time.
                firstPid = firstPid == 0 ? sample.Pid : firstPid;
                if (sample.Pid == firstPid)
                {
                    lateNs.Add(clock.NowNs % intervalNs);
                }
            },
        };
        long missed;
        using (var collector = new ProcessCollector(options, new SampleLog(file), clock))
        {
            Thread.Sleep(time);
            missed = collector.Counts.MissedTicks;
        }

        return Lateness.Of(lateNs, missed, intervalNs);
    }

    private static Lateness BareLateness(BareCalls bare, TimeSpan interval, TimeSpan time)
    {
        var lateNs = new List<long>(1 + (int)(2 * time / interval));
        SamplerPeers.Drive(interval, time, late =>
        {
            lateNs.Add(late);
            bare.Read();
        });
        return Lateness.Of(lateNs, Math.Max(0, (int)(time / interval) - 1 - lateNs.Count), interval.Ticks * 100);
    }

    private static Linux.AppendFile AppendFile(RunDirectory run) => Linux.AppendFile.Open(run.ProcMetrics);

    private readonly record struct Comparison(double OursNs, double MissedPercent, double BareNs, double? TextNs);

    private readonly record struct Lateness(double P50Us, double P99Us, double MaxUs)
    {
        // A tick that was missed is late by a whole interval at least.
        public static Lateness Of(IEnumerable<long> lateNs, long missed, long intervalNs)
        {
            double[] sorted = [.. lateNs.Concat(Enumerable.Repeat(intervalNs, (int)missed)).Order().Select(ns => ns / 1000.0)];
            return new Lateness(sorted[sorted.Length / 2], sorted[sorted.Length * 99 / 100], sorted[^1]);
        }

        public static string MedianText(IReadOnlyCollection<Lateness> rounds) => string.Create(
            CultureInfo.InvariantCulture,
            $"{Median.Of(rounds.Select(r => r.P50Us)):0}, {Median.Of(rounds.Select(r => r.P99Us)):0}, {Median.Of(rounds.Select(r => r.MaxUs)):0} µs");
    }
}
