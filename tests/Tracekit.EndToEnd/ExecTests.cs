using Tracekit.Linux;

namespace Tracekit.EndToEnd;

/// <summary>The adapter, as a worker or a user starts it.</summary>
public sealed class ExecTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public ExecTests() => _workspace.Tracekit.Environment["RUN_ID"] = "r";

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 3", 3)]
    [InlineData("exit 255", 255)]
    [InlineData("kill -15 $$", 143)]
    public void The_exit_code_is_the_programs(string script, int code) => Assert.Equal(code, _workspace.Tracekit.Run("exec", "--", "sh", "-c", script).ExitCode);

    [Fact]
    public void Standard_streams_are_the_programs()
    {
        var ended = _workspace.Tracekit.Succeed("exec", "--", "sh", "-c", "echo out; echo err >&2");

        Assert.Equal("out\n", ended.Output);
        Assert.Equal("err\n", ended.Error);
    }

    [Theory]
    [InlineData(Signals.Interrupt)]
    [InlineData(Signals.Terminate)]
    public void Signals_reach_the_program(int signal)
    {
        var ready = _workspace.File("ready");
        using var running = _workspace.Tracekit.Start(
            "exec", "--", "sh", "-c", $"trap 'echo got it; exit 9' INT TERM; echo > {ready}; while :; do sleep 0.01; done");
        Wait.Until(() => File.Exists(ready));

        Signals.Send(running.Pid, signal);
        var ended = running.End();

        Assert.Equal(9, ended.ExitCode);
        Assert.Equal("got it\n", ended.Output);
        Assert.Equal(9, Assert.Single(_workspace.Invocations("r")).Status);
    }

    [Fact]
    public void What_the_environment_says_is_recorded_and_holds_from_the_first_instruction()
    {
        var environment = _workspace.Tracekit.Environment;
        environment["NODE_ID"] = "edge7";
        environment["STAGE"] = "edge";
        environment["TS_ENQUEUE"] = "1700000000000";
        environment["UNIT_NAME"] = "unit-1";
        environment["CPUSET"] = "0";

        var ended = _workspace.Tracekit.Succeed("exec", "--nice", "5", "--", "sh", "-c", "nice; grep Cpus_allowed_list /proc/self/status");

        Assert.Equal("5\nCpus_allowed_list:\t0\n", ended.Output);
        var invocation = Assert.Single(_workspace.Invocations("r"));
        Assert.Equal(("edge7", "edge", 1700000000000, "unit-1", "0"), (invocation.Node, invocation.Stage, invocation.TsEnqueue, invocation.InstanceId, invocation.Cpuset));
    }

    [Fact]
    public void Quota_and_weight_hold_from_the_first_instruction_and_their_group_goes_with_the_program()
    {
        _workspace.Tracekit.Environment["CPU_QUOTA"] = "50";
        _workspace.Tracekit.Environment["CPU_WEIGHT"] = "200";

        var ended = _workspace.Tracekit.Run("exec", "--", "cat", "/proc/self/cgroup");

        var backEnd = CpuBackEnd.Choose();
        using var cpu = backEnd.Controller;
        if (!cpu.CanLimit)
        {
            // No silent skip: where no control group is ours to use, the program is not run, and why is said.
            Assert.Equal((1, true), (ended.ExitCode, ended.Error.StartsWith("tracekit: cannot set a CPU quota or weight (cgroup v2: ", StringComparison.Ordinal)));
            return;
        }

        Assert.Contains("/tracekit-", ended.Output, StringComparison.Ordinal);
        var invocation = Assert.Single(_workspace.Invocations("r"));
        Assert.Equal((0, 50.0, 200), (invocation.Status, invocation.CpuQuotaPercent, invocation.CpuWeight));
        var group = ended.Output.Split('\n').First(l => l.Contains("/tracekit-", StringComparison.Ordinal)).Split(':', 3)[2];
        Assert.DoesNotContain(Directory.GetDirectories("/sys/fs/cgroup"), mount => Directory.Exists(mount + group));
    }

    [Fact]
    public void Ffmpegs_input_and_output_are_found_and_the_output_is_whole_or_not_there()
    {
        var video = Directory.GetFiles(_workspace.Inputs(1))[0];

        _workspace.Tracekit.Succeed("exec", "--", "ffmpeg", "-v", "error", "-i", video, "-vf", "scale=160:90", "small.mp4");
        var failed = _workspace.Tracekit.Run("exec", "--", "ffmpeg", "-v", "error", "-i", video, "-c:v", "nonsense", "never.mp4");

        var invocations = _workspace.Invocations("r");
        var good = Assert.Single(invocations, i => i.Status == 0);
        Assert.Equal((Path.GetFileName(video), "small.mp4"), (good.Input, good.Output));
        Assert.Equal(new FileInfo(video).Length, good.BytesIn);
        Assert.Equal(new FileInfo(_workspace.File("small.mp4")).Length, good.BytesOut);
        Assert.NotEqual(0, failed.ExitCode);
        Assert.DoesNotContain(Directory.GetFiles(_workspace.Path), f => f.Contains("never", StringComparison.Ordinal));
    }

    [Fact]
    public void A_program_that_is_not_there_gives_127_and_is_recorded()
    {
        var ended = _workspace.Tracekit.Run("exec", "--", "no-such-program");

        Assert.Equal(127, ended.ExitCode);
        Assert.Equal("tracekit exec: no-such-program: no such program\n", ended.Error);
        Assert.Equal(127, Assert.Single(_workspace.Invocations("r")).Status);
    }

    [Fact]
    public void A_signal_that_comes_as_soon_as_the_program_runs_is_passed_on_and_the_end_is_recorded()
    {
        for (var i = 1; i <= 10; i++)
        {
            using var running = _workspace.Tracekit.Start("exec", "--", "sleep", "1000");
            Wait.Until(() => Directory.Exists(_workspace.Run("r").Pids) && Directory.GetFiles(_workspace.Run("r").Pids).Length > 0);

            Signals.Send(running.Pid, Signals.Terminate);

            Assert.Equal(143, running.End().ExitCode);
            Assert.Equal(i, _workspace.Invocations("r").Count);
        }
    }

    [Fact]
    public void Started_by_someone_who_ignores_SIGCHLD_it_still_learns_how_its_program_ended()
    {
        var ended = Shell($"trap '' CHLD; exec {TracekitProgram.Program} exec -- sh -c 'exit 4'");

        Assert.Equal(4, ended);
        Assert.Equal(4, Assert.Single(_workspace.Invocations("r")).Status);
    }

    [Fact]
    public void The_programs_limit_of_open_files_is_that_of_whoever_started_us()
    {
        Assert.Equal(0, Shell($"ulimit -Sn 256; {TracekitProgram.Program} exec -- sh -c 'test $(ulimit -Sn) = 256'; exit $?"));
    }

    [Fact]
    public void Another_nodes_directory_is_not_written_into()
    {
        _workspace.Tracekit.Succeed("exec", "--node-id", "a", "--", "true");

        var ended = _workspace.Tracekit.Run("exec", "--node-id", "b", "--", "true");

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("belongs to node a, this is b", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_run_id_each_gets_a_run_of_its_own()
    {
        _workspace.Tracekit.Environment["RUN_ID"] = "";

        Parallel.For(0, 6, _ => _workspace.Tracekit.Succeed("exec", "--", "true"));

        Assert.Equal(6, Directory.GetDirectories(_workspace.File("logs")).Length);
    }

    private int Shell(string script)
    {
        var start = new System.Diagnostics.ProcessStartInfo("sh", ["-c", script]) { WorkingDirectory = _workspace.Path };
        start.Environment["RUN_ID"] = "r";
        using var process = System.Diagnostics.Process.Start(start)!;
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)), "it hangs");
        return process.ExitCode;
    }

    [Fact]
    public void Fifty_at_once_into_one_run_are_all_recorded()
    {
        Parallel.For(0, 50, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ => _workspace.Tracekit.Succeed("exec", "--interval-ms", "5", "--", "sleep", "0.02"));

        Assert.Equal(50, _workspace.Invocations("r").Count);
        var parsed = _workspace.Tracekit.Succeed("parse", "--run-id", "r");
        Assert.Contains("50 tasks", parsed.Output, StringComparison.Ordinal);
        Assert.Contains("audit pass", parsed.Output, StringComparison.Ordinal);
    }
}
