using System.Text.RegularExpressions;
using Tracekit.Collect;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Bench;

/// <summary>What a collector costs that has nothing to collect: an empty whitelist, and a name that no process has among thousands.</summary>
internal static class SamplerIdleBenchmark
{
    private const int Rounds = 3;
    private const int Bystanders = 5000;
    private const double MostPercent = 0.5;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    // A whole number of ticks, and of looks through /proc.
    private static readonly TimeSpan RoundTime = TimeSpan.FromSeconds(1);

    /// <summary>Runs it.</summary>
    public static IEnumerable<BenchRow> Run()
    {
        var clock = new RunClock(TimeProvider.System);
        yield return WhitelistRow(clock);
        yield return ForkRow(clock);
        using var sleepers = new SleeperGroup(Bystanders, clock);
        var processes = Directory.EnumerateDirectories("/proc").Count(d => char.IsAsciiDigit(Path.GetFileName(d)[0]));
        var told = new List<double>();
        var looking = new List<double>();

        // What others start meanwhile is told of too, and costs: the figure says how much of it there was.
        var forks = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var forksBefore = ProcStatForks.ReadForks();
            told.Add(CpuPercent(() => Guard(clock, useKernelEvents: true), RoundTime));
            forks.Add(ProcStatForks.ReadForks() - forksBefore);
            looking.Add(CpuPercent(() => Guard(clock, useKernelEvents: false), RoundTime));
        }

        var ratio = Median.Of(told.Zip(looking, (t, l) => t / l));
        var percent = Median.Of(told);
        yield return new BenchRow(
            $"selection by name at 5 Hz that none of {processes} processes matches, kernel events",
            $"{percent:0.000} % of a core ({Median.Of(forks) / RoundTime.TotalSeconds:0} forks a second elsewhere)",
            $"{Median.Of(looking):0.000} % (ours too: a look through /proc each second)",
            $"{percent:0.000} %, {ratio:0.000}×",
            $"≤ {MostPercent} %",
            percent <= MostPercent);
    }

    private static BenchRow WhitelistRow(RunClock clock)
    {
        using var directory = new ScratchDirectory();
        var run = new RunDirectory(directory.Path);
        var ours = new List<double>();
        var floor = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var oursPercent = CpuPercent(() => new ProcessCollector(run.Pids, new SampleLog(new NowhereSink()), clock, Interval), RoundTime);
            var floorPercent = Percent(SamplerPeers.Drive(Interval, RoundTime, _ => { }), RoundTime);
            ours.Add(oursPercent);
            floor.Add(floorPercent);
        }

        var percent = Median.Of(ours);
        return new BenchRow(
            "an empty whitelist at 5 Hz",
            $"{percent:0.000} % of a core",
            $"{Median.Of(floor):0.000} % (a loop that does nothing, woken at the same rate)",
            $"{percent:0.000} %",
            $"≤ {MostPercent} %",
            percent <= MostPercent);
    }

    // What each process that comes and goes costs a collector that does not want it.
    private static BenchRow ForkRow(RunClock clock)
    {
        const int Forks = 1000;
        const double MostUs = 100;
        var us = Median.Of([.. Enumerable.Range(0, Rounds).Select(_ =>
        {
            using var collector = Guard(clock, useKernelEvents: true);
            var before = SamplerPeers.ProcessCpuNs();
            var held = ProcessSpawn.Hold(new SpawnRequest
            {
                Path = "/bin/sh",
                Arguments = ["sh", "-c", $"i=0; while [ $i -lt {Forks} ]; do /bin/true; i=$((i+1)); done"],
                Environment = [],
            });
            held.Release();
            ChildProcess.WaitForEnd(held.Pid, clock);
            return (SamplerPeers.ProcessCpuNs() - before) / 1000.0 / Forks;
        })]);
        return new BenchRow("CPU per process that comes and goes unselected (fork, exec, exit)", $"{us:0.0} µs", "", "", $"≤ {MostUs:0} µs", us <= MostUs);
    }

    private static double CpuPercent(Func<ProcessCollector> begin, TimeSpan time)
    {
        using var collector = begin();
        var before = SamplerPeers.ProcessCpuNs();
        Thread.Sleep(time);
        return Percent(SamplerPeers.ProcessCpuNs() - before, time);
    }

    private static double Percent(long cpuNs, TimeSpan time) => cpuNs * 100.0 / (time.Ticks * 100);

    private static ProcessCollector Guard(RunClock clock, bool useKernelEvents) => new(
        new CollectorOptions
        {
            Selection = new ProcessSelection { Match = new Regex("^no such program$") },
            Interval = Interval,
            UseKernelEvents = useKernelEvents,
        },
        new SampleLog(new NowhereSink()),
        clock);

    private sealed class NowhereSink : ILineSink
    {
        public void Append(ReadOnlySpan<byte> lines)
        {
        }
    }
}
