using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Launch.Tests;

public sealed class LauncherTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly RunClock _clock = new(TimeProvider.System);
    private readonly RunRecorder _recorder;
    private readonly Launcher _launcher;

    public LauncherTests()
    {
        _recorder = new RunRecorder(new RunDirectory(_directory.Path), "test");
        _launcher = new Launcher(_recorder, "node1", "cloud", _clock, processGroup: -1);
    }

    public void Dispose()
    {
        _recorder.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task The_sentinel_is_there_before_the_program_and_gone_after_it()
    {
        var request = Shell($"test -e {_recorder.Run.Pids}/$$");

        var invocation = await _launcher.Start(request).Completion;

        Assert.Equal(0, invocation.Status);
        Assert.Empty(Directory.GetFiles(_recorder.Run.Pids));
    }

    [Fact]
    public async Task An_invocation_is_recorded_with_the_kernels_accounting()
    {
        var request = Shell("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; exit 3") with { TsEnqueueMs = 1000, Profile = "loop", CpuUnits = 2 };

        var returned = await _launcher.Start(request).Completion;

        var recorded = Assert.Single(Invocations());
        Assert.Equal(returned, recorded);
        Assert.Equal(3, recorded.Status);
        Assert.Equal(1000, recorded.TsEnqueue);
        Assert.Equal("loop", recorded.Profile);
        Assert.InRange(recorded.CpuTimeMs!.Value, recorded.CpuUserMs!.Value, recorded.CpuUserMs.Value + recorded.CpuSystemMs!.Value + 0.003);
        Assert.InRange(recorded.CpuTimeMs.Value, 5, recorded.WallMs!.Value + 1);
        Assert.True(recorded.MaxRssKb > 100);
        Assert.InRange(recorded.TsEnd!.Value - recorded.TsStart!.Value, recorded.WallMs.Value, recorded.WallMs.Value + 2);
    }

    [Fact]
    public async Task Baseline_and_closing_sample_stand_at_start_and_end()
    {
        var invocation = await _launcher.Start(Shell("sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'; :")).Completion;

        var lines = File.ReadAllLines(_recorder.Run.ProcMetrics);
        Assert.Equal(2, lines.Length);
        Assert.Equal(
            $"{{\"ts_ms\": {invocation.TsStart}, \"pid\": {invocation.Pid}, \"rss_kb\": 0, \"utime\": 0, \"stime\": 0, \"cpu_ns\": 0, \"kind\": \"start\"}}",
            lines[0]);
        Assert.StartsWith($"{{\"ts_ms\": {invocation.TsEnd}, \"pid\": {invocation.Pid}, \"rss_kb\": {invocation.MaxRssKb}, ", lines[1], StringComparison.Ordinal);
        Assert.EndsWith(", \"kind\": \"exit\"}", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"children_cpu_ns\": ", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_start_is_within_10_ms_of_the_kernels_own_start_time()
    {
        var program = _launcher.Start(Shell("sleep 30"));
        var kernelNs = ProcPidStat.Read(program.Pid)!.Value.StartEpochNs(_clock);

        program.Send(Signals.Terminate);
        var invocation = await program.Completion;

        // The kernel's start time is rounded down to a tick of 10 ms.
        Assert.InRange(program.StartedNs - kernelNs, -1_000_000, 20_000_000);
        Assert.Equal(128 + Signals.Terminate, invocation.Status);
    }

    [Fact]
    public async Task An_enqueue_time_after_the_start_becomes_the_start_and_is_told()
    {
        var future = _clock.NowMs + 100_000;

        var invocation = await _launcher.Start(Shell(":") with { TsEnqueueMs = future }).Completion;

        Assert.Equal(invocation.TsStart, invocation.TsEnqueue);
        Assert.Equal(future - invocation.TsStart, invocation.EnqueueSkewMs);
    }

    [Fact]
    public async Task An_output_gets_its_name_when_the_program_has_succeeded()
    {
        var output = _directory.File("out/result.txt");
        var request = Write(output, "echo data > \"$1\"; test ! -e " + output);

        var invocation = await _launcher.Start(request).Completion;

        Assert.Equal(0, invocation.Status);
        Assert.Equal("data\n", File.ReadAllText(output));
        Assert.Equal(5, invocation.BytesOut);
        Assert.Equal("result.txt", invocation.Output);
    }

    [Fact]
    public async Task A_failed_program_leaves_no_output_behind()
    {
        var output = _directory.File("out/result.txt");

        var invocation = await _launcher.Start(Write(output, "echo half > \"$1\"; exit 1")).Completion;

        Assert.Equal(1, invocation.Status);
        Assert.Empty(Directory.GetFiles(_directory.File("out")));
        Assert.Null(invocation.BytesOut);
    }

    [Fact]
    public async Task A_program_that_succeeds_without_its_output_has_failed()
    {
        var output = _directory.File("out/result.txt");

        var invocation = await _launcher.Start(Write(output, ":")).Completion;

        Assert.Equal(1, invocation.Status);
        Assert.Equal($"{output}: the program succeeded but wrote no output", invocation.Error);
    }

    [Fact]
    public async Task A_device_a_link_and_a_fifo_stay_what_they_are()
    {
        var target = _directory.Write("target", "old");
        File.CreateSymbolicLink(_directory.File("link"), target);

        var toDevice = await _launcher.Start(Write("/dev/null", "echo data > \"$1\"")).Completion;
        var toLink = await _launcher.Start(Write(_directory.File("link"), "echo data > \"$1\"")).Completion;

        Assert.Equal((0, 0), (toDevice.Status, toLink.Status));
        Assert.False(FileKind.IsRegular("/dev/null"));
        Assert.Equal(target, new FileInfo(_directory.File("link")).LinkTarget);
        Assert.Equal("data\n", File.ReadAllText(target));
    }

    [Fact]
    public async Task A_replaced_output_keeps_its_permissions()
    {
        var output = _directory.Write("out/result.txt", "old");
        File.SetUnixFileMode(output, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        await _launcher.Start(Write(output, "echo new > \"$1\"")).Completion;

        Assert.Equal("new\n", File.ReadAllText(output));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(output));
    }

    [Fact]
    public async Task Two_programs_with_the_same_output_do_not_write_into_each_others_files()
    {
        var output = _directory.File("out/result.txt");
        var first = _launcher.Start(Write(output, "echo first > \"$1\"; while [ ! -e " + _directory.File("go") + " ]; do sleep 0.01; done; echo first >> \"$1\""));

        var second = await _launcher.Start(Write(output, "echo second > \"$1\"")).Completion;
        File.WriteAllText(_directory.File("go"), "");
        var ended = await first.Completion;

        Assert.Equal((0, 0), (second.Status, ended.Status));
        Assert.Equal("first\nfirst\n", File.ReadAllText(output));
        Assert.Single(Directory.GetFileSystemEntries(_directory.File("out"), "*", new EnumerationOptions { AttributesToSkip = 0 }));
    }

    [Fact]
    public async Task What_a_killed_tracekit_left_under_a_temporary_name_is_removed()
    {
        var leftOver = _directory.Write("out/.result.4194999-1.partial.txt", "half");

        await _launcher.Start(Write(_directory.File("out/result.txt"), "echo data > \"$1\"")).Completion;

        Assert.False(File.Exists(leftOver));
    }

    [Fact]
    public async Task A_file_that_is_no_program_is_an_invocation_with_status_126()
    {
        var file = _directory.Write("no-program", "neither script nor binary");
        File.SetUnixFileMode(file, (UnixFileMode)0x1FD);

        var invocation = await _launcher.Start(new LaunchRequest { Program = file, Arguments = [] }).Completion;

        Assert.Equal(126, invocation.Status);
        Assert.Equal($"cannot execute {file}: Exec format error", invocation.Error);
    }

    [Fact]
    public async Task The_cpus_recorded_are_those_that_it_was_really_bound_to()
    {
        var invocation = await _launcher.Start(Shell(":") with { CpuSet = CpuSet.Parse("0,4000-4100") }).Completion;

        Assert.Equal("0", invocation.Cpuset);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_an_invocation_with_status_127()
    {
        var invocation = await _launcher.Start(new LaunchRequest { Program = "no-such-program", Arguments = [] }).Completion;

        Assert.Equal(127, invocation.Status);
        Assert.Equal("no-such-program: no such program", invocation.Error);
        Assert.Equal(invocation, Assert.Single(Invocations()));
    }

    [Fact]
    public async Task A_limit_that_cannot_be_set_fails_the_task_before_its_program_runs()
    {
        var mark = _directory.File("mark");

        var invocation = await _launcher.Start(Shell($"echo ran > {mark}") with { CpuSet = CpuSet.Parse("8000") }).Completion;

        Assert.Equal(126, invocation.Status);
        Assert.Contains("cannot bind pid", invocation.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(mark));
        Assert.Empty(Directory.GetFiles(_recorder.Run.Pids));
    }

    [Fact]
    public async Task What_it_prints_goes_to_its_log()
    {
        var log = _directory.File("tasks/0.log");

        await _launcher.Start(Shell("echo out; echo err >&2; cat") with { LogPath = log }).Completion;

        Assert.Equal("out\nerr\n", File.ReadAllText(log));
    }

    [Fact]
    public async Task Five_hundred_short_programs_are_all_recorded_in_order()
    {
        for (var i = 0; i < 500; i++)
        {
            await _launcher.Start(new LaunchRequest { Program = "/bin/true", Arguments = [] }).Completion;
        }

        var invocations = Invocations();
        Assert.Equal(500, invocations.Count);
        Assert.All(invocations, i => Assert.True(i.TsEnqueue <= i.TsStart && i.TsStart < i.TsEnd));
        Assert.Equal(1000, File.ReadAllLines(_recorder.Run.ProcMetrics).Length);
    }

    private static LaunchRequest Shell(string script) => new() { Program = "/bin/sh", Arguments = ["-c", script] };

    private static LaunchRequest Write(string output, string script) => new()
    {
        Program = "/bin/sh",
        Arguments = ["-c", script, "sh", output],
        Files = new DataFiles(null, output, OutputArgument: 3),
    };

    private List<Invocation> Invocations()
    {
        var list = new List<Invocation>();
        JsonLines.Read(_recorder.Run.EventsOf("test"), TraceJson.Default.Invocation, list.Add);
        return list;
    }
}
