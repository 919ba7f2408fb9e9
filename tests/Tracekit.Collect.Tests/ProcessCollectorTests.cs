using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect.Tests;

public sealed class ProcessCollectorTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly TemporaryDirectory _directory = new();
    private readonly RunClock _clock = new(TimeProvider.System);
    private readonly List<ProcessSample> _seen = [];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_sentinel_that_appears_is_sampled_until_it_goes()
    {
        var child = Sleep();
        using var collector = Collector(out _);

        Sentinel(child.Pid);
        Wait.Until(() => SamplesOf(child.Pid) >= 3);
        File.Delete(Path.Combine(Pids, $"{child.Pid}"));
        WaitTicks(collector, collector.Counts.Ticks + 3);
        var after = SamplesOf(child.Pid);
        WaitTicks(collector, collector.Counts.Ticks + 3);

        Assert.Equal(after, SamplesOf(child.Pid));
        End(child);
    }

    [Fact]
    public void A_sentinel_that_was_there_before_is_taken_in_at_the_start()
    {
        var child = Sleep();
        Directory.CreateDirectory(Pids);
        Sentinel(child.Pid);

        using var collector = Collector(out _);

        Wait.Until(() => SamplesOf(child.Pid) >= 2);
        End(child);
    }

    [Fact]
    public void An_old_sentinel_whose_pid_now_names_a_younger_process_is_ignored()
    {
        var child = Sleep();
        Directory.CreateDirectory(Pids);
        Sentinel(child.Pid);
        File.SetLastWriteTimeUtc(Path.Combine(Pids, $"{child.Pid}"), DateTime.UtcNow.AddHours(-1));

        using var collector = Collector(out _);
        WaitTicks(collector, 5);

        Assert.Equal(0, SamplesOf(child.Pid));
        End(child);
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("1")]
    [InlineData("0")]
    [InlineData("-5")]
    [InlineData("99999999999999999999")]
    [InlineData("12x")]
    public void A_sentinel_that_names_no_task_is_ignored(string name)
    {
        using var collector = Collector(out _);

        File.WriteAllText(Path.Combine(Pids, name), "");
        WaitTicks(collector, collector.Counts.Ticks + 5);

        Assert.Equal(0, collector.Counts.Samples);
    }

    [Fact]
    public void A_zombie_is_not_sampled_because_its_exit_accounting_says_more()
    {
        var child = Sleep();
        using var collector = Collector(out _);
        Sentinel(child.Pid);
        Wait.Until(() => SamplesOf(child.Pid) >= 1);

        Signals.Send(child.Pid, Signals.Kill);
        Wait.Until(() => ProcPidStat.Read(child.Pid) is { State: 'Z' });
        WaitTicks(collector, collector.Counts.Ticks + 2);
        var after = SamplesOf(child.Pid);
        WaitTicks(collector, collector.Counts.Ticks + 3);

        Assert.Equal(after, SamplesOf(child.Pid));
        ChildProcess.WaitForEnd(child.Pid, _clock);
    }

    [Fact]
    public void A_whitelist_that_is_removed_is_made_anew_and_watched_again()
    {
        var child = Sleep();
        using var collector = Collector(out _);

        Directory.Delete(Pids, recursive: true);
        Wait.Until(() => Directory.Exists(Pids));
        Sentinel(child.Pid);

        Wait.Until(() => SamplesOf(child.Pid) >= 2);
        Assert.Null(collector.Trouble);
        End(child);
    }

    [Fact]
    public void Samples_carry_the_cpu_clock_and_grow()
    {
        var child = Start("while :; do :; done");
        using (Collector(out var log))
        {
            Sentinel(child.Pid);
            Wait.Until(() => SamplesOf(child.Pid) >= 5);
            Assert.Equal(0, log.DroppedCount);
        }

        End(child);
        var own = _seen.Where(s => s.Pid == child.Pid).ToList();
        Assert.All(own.Zip(own.Skip(1)), pair => Assert.True(pair.First.TsMs < pair.Second.TsMs && pair.First.CpuNs <= pair.Second.CpuNs));
        Assert.All(own, s => Assert.InRange((s.UtimeTicks + s.StimeTicks) * Kernel.NsPerClockTick, 0, s.CpuNs + (3 * Kernel.NsPerClockTick)));
        Assert.Equal(own.Count, File.ReadAllLines(_directory.File("proc_metrics.jsonl")).Length);
    }

    [Fact]
    public void When_the_disk_is_full_sampling_goes_on_and_what_was_lost_is_counted()
    {
        var child = Sleep();
        using var full = AppendFile.Open("/dev/full");
        var log = new SampleLog(full);
        using var collector = new ProcessCollector(Pids, log, _clock, Interval, Observe);

        Sentinel(child.Pid);
        Wait.Until(() => log.DroppedCount >= 3);

        Assert.Contains("No space left on device", log.DropReason, StringComparison.Ordinal);
        End(child);
    }

    private string Pids => _directory.File("pids");

    private ProcessCollector Collector(out SampleLog log)
    {
        log = new SampleLog(AppendFile.Open(_directory.File("proc_metrics.jsonl")));
        return new ProcessCollector(Pids, log, _clock, Interval, Observe);
    }

    private void Observe(ProcessSample sample)
    {
        lock (_seen)
        {
            _seen.Add(sample);
        }
    }

    private int SamplesOf(int pid)
    {
        lock (_seen)
        {
            return _seen.Count(s => s.Pid == pid);
        }
    }

    private static void WaitTicks(ProcessCollector collector, long ticks) => Wait.Until(() => collector.Counts.Ticks >= ticks);

    private void Sentinel(int pid) => File.WriteAllText(Path.Combine(Pids, $"{pid}"), "");

    private static HeldProcess Sleep() => Start("exec sleep 1000");

    private static HeldProcess Start(string script)
    {
        var held = ProcessSpawn.Hold(new SpawnRequest { Path = "/bin/sh", Arguments = ["sh", "-c", script], Environment = ["PATH=/usr/bin:/bin"] });
        held.Release();
        return held;
    }

    private void End(HeldProcess child)
    {
        Signals.Send(child.Pid, Signals.Kill);
        ChildProcess.WaitForEnd(child.Pid, _clock);
    }
}
