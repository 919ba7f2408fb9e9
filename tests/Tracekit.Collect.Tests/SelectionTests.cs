using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect.Tests;

/// <summary>Which processes are collected, and how exactly, with the kernel's events (they take root) and real programs.</summary>
public sealed class SelectionTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly TemporaryDirectory _directory = new();
    private readonly RunClock _clock = new(TimeProvider.System);
    private readonly string _name = $"tk{Environment.ProcessId % 100000}{Interlocked.Increment(ref _made)}";
    private static int _made;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Five_hundred_programs_of_5_ms_are_all_recorded()
    {
        const int Programs = 500;
        var program = Burner();
        using var collector = Collector(new ProcessSelection { Match = new Regex($"^{_name}$") });
        Assert.Equal("kernel events and exit accounting", collector.Mode);

        var shell = Shell($"i=0; while [ $i -lt {Programs} ]; do {program} 5000; i=$((i+1)); done");
        ChildProcess.WaitForEnd(shell.Pid, _clock);
        Wait.Until(() => collector.Counts.Exited >= Programs);
        collector.Dispose();

        var exits = Samples().Where(s => s.Kind == "exit").ToList();
        var starts = Samples().Where(s => s.Kind == "start").ToList();
        Assert.Equal(Programs, exits.Select(s => s.Pid).Distinct().Count());
        Assert.Equal(Programs, exits.Count);
        Assert.Equal(Programs, starts.Count);
        Assert.All(exits, s => Assert.InRange(s.CpuNs, 4_500_000, 60_000_000));
        Assert.Equal(Programs, Events().Count(e => e.GetProperty("event").GetString() == "exit"));
        Assert.Equal(0, collector.Counts.EventsLost);
    }

    [Fact]
    public void The_sum_over_the_windows_is_what_the_kernel_accounts_at_the_exit()
    {
        using var collector = Collector(new ProcessSelection { Match = new Regex($"^{_name}$") });

        var child = Start(Burner(), "600000");
        var ending = ChildProcess.WaitForEnd(child.Pid, _clock);
        Wait.Until(() => collector.Counts.Exited >= 1);
        collector.Dispose();

        var own = Samples().Where(s => s.Pid == child.Pid).ToList();
        Assert.Equal("start", own[0].Kind);
        Assert.Equal(0, own[0].CpuNs);
        Assert.Equal("exit", own[^1].Kind);
        Assert.All(own.Zip(own.Skip(1)), pair => Assert.True(pair.First.TsMs < pair.Second.TsMs && pair.First.CpuNs <= pair.Second.CpuNs));
        Assert.InRange(own[^1].CpuNs, ending.OwnCpuNs * 0.999, ending.OwnCpuNs * 1.001);
        var exit = Assert.Single(Events(), e => e.GetProperty("event").GetString() == "exit");
        Assert.Equal(0, exit.GetProperty("status").GetInt32());
        Assert.Equal(_name, exit.GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("/bin/sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done")]
    [InlineData("/bin/sh", "-c", "for n in 1 2 3; do (i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done) & done; wait; i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done")]
    [InlineData("/usr/bin/sort", "--parallel=4", "-f", "-k1.2", "-S", "64M", "input", "-o", "output")]
    public void Of_real_programs_too_the_windows_sum_to_what_the_kernel_accounts(string path, params string[] arguments)
    {
        const int Runs = 5;
        var maxThreads = arguments.Contains("--parallel=4") ? 4 : 1;
        const long MaxTickNs = 10_000_000;
        var best = double.MaxValue;
        var random = new Random(1);
        File.WriteAllLines(_directory.File("input"), Enumerable.Range(0, 200_000).Select(_ => random.NextInt64().ToString(CultureInfo.InvariantCulture)));

        // Waits as a shell does: the zombie is gone at once. What wait4 gives is the truth, with all children of the program.
        var parent = Compile(
            """
            #include <stdio.h>
            #include <stdlib.h>
            #include <sys/resource.h>
            #include <sys/wait.h>
            #include <unistd.h>
            int main(int argc, char **argv) {
              for (int n = atoi(argv[1]); n > 0; n--) {
                int status; struct rusage u; pid_t pid = fork();
                if (pid == 0) { execv(argv[2], argv + 2); _exit(127); }
                wait4(pid, &status, 0, &u);
                printf("%d %ld\n", pid, (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000000L + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000L);
              }
              return 0; }
            """,
            "parent");
        File.Copy(path, _directory.File(_name));
        using var collector = Collector(new ProcessSelection { Match = new Regex($"^{_name}$") }, o => o with { IsRealTime = true });

        var quoted = string.Join(' ', arguments.Select(a => $"'{a}'"));
        var shell = Shell($"exec {parent} {Runs} {_directory.File(_name)} {quoted} > truth");
        ChildProcess.WaitForEnd(shell.Pid, _clock);
        Wait.Until(() => collector.Counts is { Processes: 0, Exited: >= Runs });
        collector.Dispose();

        var truth = File.ReadLines(_directory.File("truth")).Select(l => l.Split(' ').Select(long.Parse).ToArray()).ToDictionary(l => (int)l[0], l => l[1]);
        Assert.Equal(Runs, truth.Count);
        var last = Samples().Where(s => s.Kind == "exit").ToDictionary(s => s.Pid, s => s.CpuNs);
        foreach (var (pid, cpuNs) in truth)
        {
            var own = Events().Where(e => e.GetProperty("event").GetString() == "exit" && (e.GetProperty("pid").GetInt32() == pid || e.GetProperty("ppid").GetInt32() == pid));
            var sum = own.Sum(e => last[e.GetProperty("pid").GetInt32()]);
            Assert.True(cpuNs >= 50_000_000, $"{cpuNs} ns is no program to judge by");

            // Where the collector did not get a CPU before the zombie was gone, the last that the scheduler had not booked is missing: a timer tick a thread.
            Assert.True(sum <= cpuNs * 1.001 && sum >= cpuNs - (own.Count() * maxThreads * MaxTickNs), $"pid {pid}: {sum} ns of {cpuNs} ns in {string.Join("; ", own)}");
            best = Math.Min(best, Math.Abs(sum - cpuNs) / (double)cpuNs);
        }

        Assert.True(best <= 0.001, $"at best {best:P2} is missing");
    }

    [Theory]
    [InlineData("first thread ends before the others", 0)]
    [InlineData("killed", 137)]
    [InlineData("one of the others ends the process", 3)]
    public void A_process_with_eight_threads_has_one_exit_with_the_cpu_time_of_all(string how, int status)
    {
        const int Runs = 5;
        var program = Compile("""
            #include <pthread.h>
            #include <signal.h>
            #include <stdatomic.h>
            #include <stdlib.h>
            #include <string.h>
            #include <time.h>
            #include <unistd.h>
            static atomic_int done; static int how;
            static void *burn(void *p) {
              struct timespec t;
              do clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); while (t.tv_sec * 1000000000L + t.tv_nsec < 20000000L);
              if (atomic_fetch_add(&done, 1) == 7) { if (how == 'k') kill(getpid(), SIGKILL); if (how == 'o') exit(3); }
              while (how != 'f') clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
              return p; }
            int main(int argc, char **argv) {
              pthread_t t; how = argv[1][0];
              for (int i = 0; i < 8; i++) pthread_create(&t, NULL, burn, NULL);
              if (how == 'f') pthread_exit(NULL);
              for (;;) pause(); }
            """);
        using var collector = Collector(new ProcessSelection { Match = new Regex($"^{_name}$") });

        for (var run = 0; run < Runs; run++)
        {
            var child = Start(program, how);
            Wait.Until(() => collector.Counts.Exited > run);
            var ending = ChildProcess.WaitForEnd(child.Pid, _clock);
            var sample = Assert.Single(Samples(), s => s.Pid == child.Pid && s.Kind == "exit");
            Assert.True(Math.Abs(sample.CpuNs - ending.OwnCpuNs) <= ending.OwnCpuNs / 1000, $"{sample.CpuNs} ns of {ending.OwnCpuNs} ns");
            Assert.True(sample.CpuNs >= 8 * 20_000_000, $"{sample.CpuNs} ns");
            Assert.Equal(status, ending.Status.ExitCode);
        }

        collector.Dispose();
        Assert.Equal(Runs, collector.Counts.Exited);
        Assert.Equal(0, collector.Counts.Processes);
        var exits = Events().Where(e => e.GetProperty("event").GetString() == "exit").ToList();
        Assert.Equal(Runs, exits.Count);
        Assert.All(exits, e => Assert.True(!e.TryGetProperty("status", out var told) || told.GetInt32() == status, $"{e}"));
        Assert.All(exits, e => Assert.True(status == 0 || e.TryGetProperty("status", out _), $"{e}"));
    }

    [Fact]
    public void Of_another_user_s_process_what_we_may_not_read_is_left_out_and_counted()
    {
        var child = Start("/bin/sleep", "1000");
        var (sampled, refused, readBytes, minorFaults) = (false, 0, 0L, 0L);

        // A user id belongs to a thread for the kernel; with this one go the rights of root.
        var nobody = new Thread(() =>
        {
            Assert.Equal(0, SetUserIdsOfThread(SystemCallSetResUid, -1, 65534, -1));
            using var probe = ProcessProbe.TryOpen(child.Pid)!;
            sampled = probe.TrySample(_clock, ProcessDetails.All, out _, out var details);
            (refused, readBytes, minorFaults) = (probe.RefusedFields, details.ReadBytes, details.MinorFaults);
        });
        nobody.Start();
        nobody.Join();
        End(child);

        Assert.True(sampled);
        Assert.True(refused > 0);
        Assert.Equal(-1, readBytes);
        Assert.True(minorFaults > 0);
    }

    [Fact]
    public void A_process_that_executes_another_program_is_judged_again()
    {
        var program = Burner();
        using var collector = Collector(new ProcessSelection { Match = new Regex($"^{_name}$") });

        var child = Shell($"exec {program} 100000");
        ChildProcess.WaitForEnd(child.Pid, _clock);
        Wait.Until(() => collector.Counts.Exited >= 1);

        // And away again: what now has another name is collected no more.
        var other = Shell($"exec {program} 50000 /bin/sleep 1000");
        Wait.Until(() => CommandName(other.Pid) == "sleep");
        Wait.Until(() => collector.Counts.Processes == 0);
        collector.Dispose();
        End(other);

        Assert.Contains(Samples(), s => s.Pid == child.Pid && s.Kind == "exit");
        Assert.Contains(Samples(), s => s.Pid == other.Pid && s.Kind is null && s.CpuNs >= 50_000_000);
        Assert.DoesNotContain(Samples(), s => s.Pid == other.Pid && s.Kind == "exit");
    }

    [Fact]
    public void Descendants_are_collected_also_when_their_parent_has_ended()
    {
        var root = Shell("while [ ! -e go ]; do /bin/sleep 0.01; done; sh -c '/bin/sleep 1000 & echo $! > orphan; exit 0'; /bin/sleep 1000");
        using var collector = Collector(new ProcessSelection { Trees = [root.Pid] });
        File.WriteAllText(_directory.File("go"), "");

        Wait.Until(() => File.Exists(_directory.File("orphan")) && File.ReadAllText(_directory.File("orphan")).EndsWith('\n'));
        var orphan = int.Parse(File.ReadAllText(_directory.File("orphan")), CultureInfo.InvariantCulture);
        Wait.Until(() => collector.Snapshot().Processes.Any(p => p.Pid == orphan && p.CommandName == "sleep"));

        Assert.NotEqual(root.Pid, ProcPidStat.Read(orphan)!.Value.ParentPid);
        Signals.Send(orphan, Signals.Kill);
        Wait.Until(() => collector.Snapshot().Processes.All(p => p.Pid != orphan));
        EndTree(collector, root);
    }

    [Fact]
    public void Members_of_a_control_group_are_collected_when_born_or_moved_in_and_its_usage_is_sampled()
    {
        var group = Directory.CreateDirectory($"/sys/fs/cgroup/cpu/{_name}").FullName;
        var below = Directory.CreateDirectory($"{group}/below").FullName;
        try
        {
            using var cgroups = AppendFile.Open(_directory.File("cgroups.jsonl"));
            var selection = new ProcessSelection { Cgroups = [group], Refresh = TimeSpan.FromMilliseconds(100) };
            using var collector = Collector(selection, o => o with { CgroupSamples = cgroups });

            var child = Shell($"echo $$ > {below}/cgroup.procs; sh -c '/bin/sleep 1000; :'; :");
            Wait.Until(() => collector.Snapshot().Processes.Any(p => p.CommandName == "sleep"));
            var moved = Start("/bin/sleep", "1000");
            File.WriteAllText($"{group}/cgroup.procs", $"{moved.Pid}");
            Wait.Until(() => collector.Snapshot().Processes.Any(p => p.Pid == moved.Pid));
            File.WriteAllText("/sys/fs/cgroup/cpu/cgroup.procs", $"{moved.Pid}");
            Wait.Until(() => collector.Snapshot().Processes.All(p => p.Pid != moved.Pid));

            Wait.Until(() => collector.Snapshot().Processes.Any(p => p.Pid == child.Pid));
            End(moved);
            EndTree(collector, child);
            collector.Dispose();
            var line = JsonDocument.Parse(File.ReadLines(_directory.File("cgroups.jsonl")).Last()).RootElement;
            Assert.Equal(group, line.GetProperty("cgroup").GetString());
            Assert.True(line.GetProperty("nr_periods").GetInt64() >= 0);
        }
        finally
        {
            Wait.Until(() => CgroupProcesses.Of(below).Count + CgroupProcesses.Of(group).Count == 0);
            Directory.Delete(below);
            Directory.Delete(group);
        }
    }

    [Fact]
    public void What_is_no_control_group_is_told()
    {
        var e = Assert.Throws<UsageException>(() => Collector(new ProcessSelection { Cgroups = ["/tmp"] }));

        Assert.Contains("/tmp: no control group file system is mounted there", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_with_a_sentinel_gets_no_baseline_and_no_closing_sample_from_the_collector()
    {
        var selection = new ProcessSelection { Match = new Regex($"^{_name}$"), SentinelDirectory = _directory.File("pids") };
        using var collector = Collector(selection);

        var held = Hold(Burner(), "100000");
        File.WriteAllText(_directory.File($"pids/{held.Pid}"), "");
        held.Release();
        ChildProcess.WaitForEnd(held.Pid, _clock);
        Wait.Until(() => Events().Any(e => e.GetProperty("event").GetString() == "exit" && e.GetProperty("pid").GetInt32() == held.Pid));
        collector.Dispose();

        Assert.NotEmpty(Samples());
        Assert.All(Samples(), s => Assert.Null(s.Kind));
    }

    [Fact]
    public void The_busiest_are_found_by_cpu_time()
    {
        var burner = Start(Burner(), "20000000");
        using var collector = Collector(new ProcessSelection { Busiest = 2, Refresh = TimeSpan.FromMilliseconds(200) });

        Wait.Until(() => collector.Snapshot().Processes.Any(p => p.Pid == burner.Pid));

        Assert.InRange(collector.Snapshot().Processes.Count, 1, 2);
        End(burner);
    }

    [Fact]
    public void The_collector_never_selects_itself_and_no_kernel_thread()
    {
        using var collector = Collector(new ProcessSelection { Match = new Regex(".") });

        Wait.Until(() => collector.Counts.Ticks >= 3);
        var seen = collector.Snapshot().Processes;

        Assert.NotEmpty(seen);
        Assert.DoesNotContain(seen, p => p.Pid == Environment.ProcessId || p.Pid == 2 || p.ParentPid == 2);
    }

    [Fact]
    public void A_burst_shows_in_its_window_within_1_ms()
    {
        // Each burst ends with the program's own clock at that moment, which is the truth.
        var program = Compile("""
            #include <stdio.h>
            #include <time.h>
            #include <unistd.h>
            static long ns(clockid_t c) { struct timespec t; clock_gettime(c, &t); return t.tv_sec * 1000000000L + t.tv_nsec; }
            int main(void) {
              for (int i = 1; i <= 20; i++) {
                while (ns(CLOCK_PROCESS_CPUTIME_ID) < i * 7000000L) { }
                printf("%ld %ld\n", ns(CLOCK_REALTIME), ns(CLOCK_PROCESS_CPUTIME_ID)); fflush(stdout);
                usleep(60000);
                printf("%ld %ld\n", ns(CLOCK_REALTIME), ns(CLOCK_PROCESS_CPUTIME_ID)); fflush(stdout);
              }
              return 0; }
            """);
        using var collector = Collector(new ProcessSelection { Match = new Regex($"^{_name}$") });

        var shell = Shell($"exec {program} > truth");
        ChildProcess.WaitForEnd(shell.Pid, _clock);
        Wait.Until(() => collector.Counts.Exited >= 1);
        collector.Dispose();

        // Pairs of readings: between the two of a pair it slept, so every sample there has just the CPU time of the pair.
        var truth = File.ReadLines(_directory.File("truth")).Select(l => l.Split(' ').Select(long.Parse).ToArray()).ToList();
        var compared = 0;
        foreach (var pair in truth.Chunk(2))
        {
            foreach (var sample in Samples().Where(s => s.Kind is null && s.TsMs > (pair[0][0] / 1_000_000) + 1 && s.TsMs < pair[1][0] / 1_000_000))
            {
                Assert.InRange(sample.CpuNs, pair[0][1] - 1_000_000, pair[1][1] + 1_000_000);
                compared++;
            }
        }

        Assert.True(compared >= 20, $"only {compared} samples fell into the pauses");
    }

    [Fact]
    public void Without_the_kernel_s_events_proc_is_looked_through_and_what_may_be_missing_is_counted()
    {
        var program = Burner();
        var selection = new ProcessSelection { Match = new Regex($"^{_name}$"), Refresh = TimeSpan.FromMilliseconds(40) };
        using var collector = Collector(selection, o => o with { UseKernelEvents = false });
        Assert.StartsWith("a look through /proc every 40 ms", collector.Mode, StringComparison.Ordinal);

        var child = Start(program, "300000");
        Wait.Until(() => ProcPidStat.Read(child.Pid) is { HasExited: true });
        Wait.Until(() => collector.Counts.Exited >= 1);
        var ending = ChildProcess.WaitForEnd(child.Pid, _clock);
        collector.Dispose();

        Assert.Equal(["start", "exit"], Samples().Where(s => s.Pid == child.Pid && s.Kind is not null).Select(s => s.Kind));
        Assert.InRange(Samples().Last(s => s.Pid == child.Pid).CpuNs, ending.OwnCpuNs * 0.999, ending.OwnCpuNs * 1.001);
        Assert.True(collector.Counts.Scans >= 3);
        Assert.True(collector.Counts.ForksNotSeen >= 0);
    }

    [Fact]
    public void Events_that_are_lost_are_counted_and_proc_is_looked_through_instead()
    {
        var told = new List<string>();
        using var gate = new ManualResetEventSlim(initialState: true);
        var program = Burner();
        var first = Start(program, "60000000");
        using var collector = Collector(
            new ProcessSelection { Match = new Regex($"^{_name}$") },
            o => o with { EventBufferBytes = 4096, Report = told.Add, Observer = _ => gate.Wait() });
        Wait.Until(() => collector.Counts.Samples >= 1);

        // While the collector is held up, more happens than its buffer takes; what lives afterwards must be there all the same.
        gate.Reset();
        var shell = Shell("i=0; while [ $i -lt 100 ]; do /bin/true; i=$((i+1)); done");
        ChildProcess.WaitForEnd(shell.Pid, _clock);
        var second = Start(program, "60000000");
        Wait.Until(() => CommandName(second.Pid) == _name);
        gate.Set();

        Wait.Until(() => collector.Snapshot().Processes.Any(p => p.Pid == second.Pid));
        Assert.True(collector.Counts.EventsLost >= 1);
        Assert.Single(told);
        End(first);
        End(second);
    }

    [Fact]
    public void Details_stand_beside_the_sample()
    {
        using var collector = Collector(new ProcessSelection { Match = new Regex($"^{_name}$") }, o => o with { Details = ProcessDetails.All });

        var child = Start(Burner(), "100000");
        ChildProcess.WaitForEnd(child.Pid, _clock);
        Wait.Until(() => collector.Counts.Exited >= 1);
        collector.Dispose();

        var line = JsonDocument.Parse(File.ReadLines(_directory.File("proc_metrics.jsonl")).First(l => !l.Contains("kind", StringComparison.Ordinal))).RootElement;
        Assert.Equal(1, line.GetProperty("threads").GetInt32());
        Assert.InRange(line.GetProperty("pss_kb").GetInt64(), 1, 10_000);
        Assert.True(line.GetProperty("minflt").GetInt64() > 0);
        Assert.True(line.TryGetProperty("voluntary_ctxt_switches", out _) && line.TryGetProperty("nonvoluntary_ctxt_switches", out _));
        Assert.True(line.TryGetProperty("read_bytes", out _) && line.TryGetProperty("run_wait_ns", out _) && line.TryGetProperty("majflt", out _));
    }

    [Fact]
    public void Ten_thousand_sentinels_of_processes_that_are_not_there_stop_nothing()
    {
        var selection = new ProcessSelection { SentinelDirectory = _directory.File("pids") };
        Directory.CreateDirectory(selection.SentinelDirectory);
        for (var i = 0; i < 10_000; i++)
        {
            File.WriteAllText(_directory.File($"pids/{5_000_000 + i}"), "");
        }

        var child = Start("/bin/sleep", "1000");
        File.WriteAllText(_directory.File($"pids/{child.Pid}"), "");
        using var collector = Collector(selection);

        Wait.Until(() => collector.Snapshot().Processes.Any(p => p.Pid == child.Pid));
        Assert.Equal("sentinels", collector.Mode);
        End(child);
    }

    [Fact]
    public void A_full_disk_leaves_a_gap_that_is_told_and_no_closing_sample_is_lost()
    {
        var sink = new FlakySink();
        var told = new List<string>();
        var child = Start(Burner(), "5000000");
        var log = new SampleLog(sink);
        using var events = AppendFile.Open(_directory.File("processes.jsonl"));
        var options = new CollectorOptions
        {
            Selection = new ProcessSelection { Match = new Regex($"^{_name}$") },
            Interval = Interval,
            ProcessEvents = events,
            Report = told.Add,
        };
        using var collector = new ProcessCollector(options, log, _clock);
        Wait.Until(() => collector.Counts.Samples >= 3);
        sink.IsFull = true;
        Wait.Until(() => log.DroppedCount >= 3);
        End(child);
        Wait.Until(() => collector.Counts.Exited >= 1);
        sink.IsFull = false;
        Wait.Until(() => Events().Any(e => e.GetProperty("event").GetString() == "gap"));
        collector.Dispose();

        Assert.Contains("\"kind\": \"exit\"", sink.Text, StringComparison.Ordinal);
        Assert.Equal(2, told.Count);
        Assert.Contains("no room", told[0], StringComparison.Ordinal);
        var gap = Events().Single(e => e.GetProperty("event").GetString() == "gap");
        Assert.Equal("proc_metrics.jsonl", gap.GetProperty("file").GetString());
    }

    private ProcessCollector Collector(ProcessSelection selection, Func<CollectorOptions, CollectorOptions>? change = null)
    {
        var options = new CollectorOptions
        {
            Selection = selection,
            Interval = Interval,
            ProcessEvents = AppendFile.Open(_directory.File("processes.jsonl")),
        };
        return new ProcessCollector(change?.Invoke(options) ?? options, new SampleLog(AppendFile.Open(_directory.File("proc_metrics.jsonl"))), _clock);
    }

    private List<(long TsMs, int Pid, long CpuNs, string? Kind)> Samples() =>
    [
        .. File.ReadLines(_directory.File("proc_metrics.jsonl")).Select(l => JsonDocument.Parse(l).RootElement).Select(e => (
            e.GetProperty("ts_ms").GetInt64(),
            e.GetProperty("pid").GetInt32(),
            e.GetProperty("cpu_ns").GetInt64(),
            e.TryGetProperty("kind", out var kind) ? kind.GetString() : null)),
    ];

    private List<JsonElement> Events() => [.. File.ReadLines(_directory.File("processes.jsonl")).Select(l => JsonDocument.Parse(l).RootElement)];

    // Burns so many µs of CPU time by its own clock; then executes another program if it is given one.
    private string Burner() => Compile("""
        #include <stdlib.h>
        #include <time.h>
        #include <unistd.h>
        int main(int argc, char **argv) {
          long ns = atol(argv[1]) * 1000; struct timespec t;
          do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); while (t.tv_sec * 1000000000L + t.tv_nsec < ns);
          if (argc > 2) execv(argv[2], argv + 2);
          return 0; }
        """);

    private string Compile(string source, string? name = null)
    {
        var path = _directory.File(name ?? _name);
        if (File.Exists(path))
        {
            return path;
        }

        using var compiler = System.Diagnostics.Process.Start("cc", ["-O1", "-pthread", "-o", path, _directory.Write("program.c", source)]);
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
        return path;
    }

    private HeldProcess Shell(string script) => Start("/bin/sh", "-c", $"cd {_directory.Path}; {script}");

    private static HeldProcess Start(string path, params string[] arguments)
    {
        var held = Hold(path, arguments);
        held.Release();
        return held;
    }

    private static HeldProcess Hold(string path, params string[] arguments) =>
        ProcessSpawn.Hold(new SpawnRequest { Path = path, Arguments = [path, .. arguments], Environment = ["PATH=/usr/bin:/bin"] });

    private static string? CommandName(int pid) => File.Exists($"/proc/{pid}/comm") ? File.ReadAllText($"/proc/{pid}/comm").TrimEnd('\n') : null;

    private void End(HeldProcess child)
    {
        Signals.Send(child.Pid, Signals.Kill);
        ChildProcess.WaitForEnd(child.Pid, _clock);
    }

    // The leaves are killed, also those that a shell above starts only then; the shells come to their end, and each waits for its own.
    private void EndTree(ProcessCollector collector, HeldProcess root)
    {
        Wait.Until(() =>
        {
            foreach (var process in collector.Snapshot().Processes.Where(p => p.CommandName == "sleep"))
            {
                Signals.Send(process.Pid, Signals.Kill);
            }

            return ProcPidStat.Read(root.Pid) is null or { HasExited: true };
        });
        ChildProcess.WaitForEnd(root.Pid, _clock);
    }

    private const long SystemCallSetResUid = 117; // x86-64

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "syscall")]
    private static extern long SetUserIdsOfThread(long number, long real, long effective, long saved);

    private sealed class FlakySink : ILineSink
    {
        private readonly List<byte> _bytes = [];

        public volatile bool IsFull;

        public string Text => System.Text.Encoding.UTF8.GetString([.. _bytes]);

        public void Append(ReadOnlySpan<byte> lines)
        {
            if (IsFull)
            {
                throw new TracekitException("sink: no room");
            }

            _bytes.AddRange(lines);
        }
    }
}
