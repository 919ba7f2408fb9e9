using System.Globalization;
using System.Runtime.InteropServices;
using Tracekit.Collect;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Bench;

/// <summary>
/// CPU time per process-sample: the collector as it is, files written, against the three bare system calls that it rests on, both woken at the
/// same rate over the same processes in turn.
/// </summary>
internal static unsafe partial class SamplerBenchmark
{
    private const int Processes = 100;
    private const int Rounds = 5;
    private static readonly TimeSpan RoundTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    public static IEnumerable<BenchRow> Run()
    {
        using var directory = new ScratchDirectory();
        var clock = new RunClock(TimeProvider.System);
        using var guard = ProcessGroupGuard.Start();
        var pids = Enumerable.Range(0, Processes).Select(_ => StartSleeper(guard.Group)).ToArray();
        var run = new RunDirectory(directory.Path);
        Directory.CreateDirectory(run.Pids);
        foreach (var pid in pids)
        {
            File.WriteAllText(Path.Combine(run.Pids, pid.ToString(CultureInfo.InvariantCulture)), "");
        }

        var ours = new List<double>();
        var floor = new List<double>();
        for (var round = 0; round <= Rounds; round++)
        {
            var oursNs = Collector(run, clock);
            var floorNs = BareCalls(pids);
            if (round > 0)
            {
                ours.Add(oursNs);
                floor.Add(floorNs);
            }
        }

        var ratio = Median.Of(ours.Zip(floor, (o, f) => o / f));
        yield return new BenchRow(
            $"CPU per process-sample, {Processes} processes at {1000 / Interval.TotalMilliseconds:0} Hz, written to the file",
            $"{Median.Of(ours) / 1000:0.00} µs",
            $"{Median.Of(floor) / 1000:0.00} µs (bare clock_gettime + 2 pread)",
            $"{ratio:0.00}×",
            "≤ 2×",
            ratio <= 2);

        yield return IdleRow(clock, useKernelEvents: true);
        yield return IdleRow(clock, useKernelEvents: false);
        yield return ForkRow(clock);
    }

    // A selection by name that nothing matches: what does it cost to be on guard?
    private static BenchRow IdleRow(RunClock clock, bool useKernelEvents)
    {
        const double TargetPercent = 0.5;
        var percent = Median.Of([.. Enumerable.Range(0, Rounds).Select(_ =>
        {
            using var collector = Guard(clock, useKernelEvents);
            var before = ProcessCpuNs();
            Thread.Sleep(RoundTime);
            return (ProcessCpuNs() - before) * 100.0 / (RoundTime.Ticks * 100);
        })]);
        var processes = Directory.EnumerateDirectories("/proc").Count(d => char.IsAsciiDigit(Path.GetFileName(d)[0]));
        return new BenchRow(
            useKernelEvents ? "Selection by name at 5 Hz, nothing matches, kernel events" : $"The same by looking through /proc each second, {processes} processes",
            $"{percent:0.000} % of a core",
            "",
            "",
            useKernelEvents ? "≤ 0.5 %" : "",
            !useKernelEvents || percent <= TargetPercent);
    }

    // What each process that comes and goes costs a collector that does not want it.
    private static BenchRow ForkRow(RunClock clock)
    {
        const int Forks = 1000;
        const double TargetUs = 100;
        var us = Median.Of([.. Enumerable.Range(0, Rounds).Select(_ =>
        {
            using var collector = Guard(clock, useKernelEvents: true);
            var before = ProcessCpuNs();
            var held = ProcessSpawn.Hold(new SpawnRequest
            {
                Path = "/bin/sh",
                Arguments = ["sh", "-c", $"i=0; while [ $i -lt {Forks} ]; do /bin/true; i=$((i+1)); done"],
                Environment = [],
            });
            held.Release();
            ChildProcess.WaitForEnd(held.Pid, clock);
            return (ProcessCpuNs() - before) / 1000.0 / Forks;
        })]);
        return new BenchRow("CPU per process that comes and goes unselected (fork, exec, exit)", $"{us:0.0} µs", "", "", "≤ 100 µs", us <= TargetUs);
    }

    private static ProcessCollector Guard(RunClock clock, bool useKernelEvents) => new(
        new CollectorOptions
        {
            Selection = new ProcessSelection { Match = new System.Text.RegularExpressions.Regex("^no such program$") },
            Interval = DefaultInterval,
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

    private static double Collector(RunDirectory run, RunClock clock)
    {
        using var file = AppendFile.Open(run.ProcMetrics);
        var before = ProcessCpuNs();
        long samples;
        using (var collector = new ProcessCollector(run.Pids, new SampleLog(file), clock, Interval))
        {
            Thread.Sleep(RoundTime);
            samples = collector.Counts.Samples;
        }

        return (ProcessCpuNs() - before) / (double)samples;
    }

    private static double BareCalls(int[] pids)
    {
        var stat = pids.Select(p => File.OpenHandle($"/proc/{p}/stat")).ToArray();
        var statm = pids.Select(p => File.OpenHandle($"/proc/{p}/statm")).ToArray();
        int[] statFds = [.. stat.Select(h => (int)h.DangerousGetHandle())];
        int[] statmFds = [.. statm.Select(h => (int)h.DangerousGetHandle())];
        var before = ProcessCpuNs();
        long samples = 0;
        var loop = new Thread(() =>
        {
            var buffer = stackalloc byte[512];
            long* time = stackalloc long[2];
            var schedule = new TickSchedule(Interval, NowNs());
            using var waiter = new TickWaiter();
            for (var end = NowNs() + (RoundTime.Ticks * 100); NowNs() < end;)
            {
                waiter.Wait(schedule.RemainingNs(NowNs()), null);
                if (!schedule.IsDue(NowNs()))
                {
                    continue;
                }

                for (var i = 0; i < pids.Length; i++)
                {
                    _ = ClockGetTime((~pids[i] << 3) | 2, time);
                    _ = PRead(statFds[i], buffer, 512, 0);
                    _ = PRead(statmFds[i], buffer, 512, 0);
                    samples++;
                }
            }
        });
        loop.Start();
        loop.Join();
        var used = ProcessCpuNs() - before;
        foreach (var handle in stat.Concat(statm))
        {
            handle.Dispose();
        }

        return used / (double)samples;
    }

    private static int StartSleeper(int group)
    {
        var held = ProcessSpawn.Hold(new SpawnRequest { Path = "/bin/sleep", Arguments = ["sleep", "600"], Environment = [], ProcessGroup = group });
        held.Release();
        return held.Pid;
    }

    private static long NowNs() => System.Diagnostics.Stopwatch.GetTimestamp();

    private static long ProcessCpuNs() => CpuClock.TryReadNs(Environment.ProcessId, out var ns) ? ns : 0;

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [SuppressGCTransition]
    private static partial int ClockGetTime(int clock, long* time);

    [LibraryImport("libc", EntryPoint = "pread")]
    [SuppressGCTransition]
    private static partial nint PRead(int fd, byte* buffer, nuint count, nint offset);
}
