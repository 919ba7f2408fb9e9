using System.Text.Json;

namespace Tracekit.EndToEnd;

/// <summary>The main job on real ffmpeg, from videos to a verified trace.</summary>
public sealed class RunTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void A_mix_of_tasks_ends_in_a_trace_that_passes_audit_and_verification()
    {
        var inputs = _workspace.Inputs(2);

        var ended = _workspace.Tracekit.Succeed(
            "run", "--inputs", inputs, "--mix", "medium480p=1,light1c=2", "--total", "4", "--seed", "20250901", "--run-id", "r", "--interval-ms", "50", "--json");

        using var report = JsonDocument.Parse(ended.Output);
        var root = report.RootElement;
        Assert.Equal(4, root.GetProperty("succeeded").GetInt32());
        Assert.Equal("pass", root.GetProperty("audit").GetString());
        Assert.Equal(0, root.GetProperty("verify_faults").GetArrayLength());
        Assert.Equal(4, root.GetProperty("export").GetProperty("tasks").GetInt32());
        Assert.Equal(["light1c", "medium480p"], root.GetProperty("profiles").EnumerateArray().Select(p => p.GetProperty("profile").GetString()));
        Assert.Equal(4, Directory.GetFiles(_workspace.File("outputs")).Length);
        Assert.All(root.GetProperty("files").EnumerateArray(), f => Assert.True(Directory.Exists(_workspace.File(f.GetString()!))));
        Assert.Empty(Directory.GetFiles(_workspace.Run("r").Pids));
    }

    [Fact]
    public void Tasks_start_in_the_order_of_their_enqueue_times_which_increase_strictly()
    {
        _workspace.Tracekit.Succeed(
            "run", "--inputs", _workspace.Inputs(2), "--mix", "medium480p=1,light1c=2", "--total", "6", "--seed", "7", "--run-id", "r", "--json");

        var invocations = _workspace.Invocations("r").OrderBy(i => i.TsEnqueue).ToList();
        Assert.Equal(6, invocations.Select(i => i.TsEnqueue).Distinct().Count());
        Assert.Equal(invocations.Select(i => i.TsStart), invocations.Select(i => i.TsStart).Order());
        Assert.All(invocations, i => Assert.Equal("ffmpeg", i.ModuleId));
        Assert.All(invocations, i => Assert.True(i.BytesIn > 0 && i.BytesOut > 0));
    }

    [Fact]
    public void The_same_seed_gives_the_same_tasks_in_the_same_order()
    {
        var inputs = _workspace.Inputs(2);
        string[] flags = ["run", "--inputs", inputs, "--mix", "light1c=2,medium480p=1", "--total", "5", "--seed", "42"];

        _workspace.Tracekit.Succeed([.. flags, "--run-id", "one"]);
        _workspace.Tracekit.Succeed([.. flags, "--run-id", "two"]);

        Assert.Equal(Outputs("one"), Outputs("two"));
    }

    [Fact]
    public void Exclusive_tasks_have_cores_of_their_own_and_never_more_than_the_capacity_run()
    {
        _workspace.Tracekit.Succeed(
            "run", "--inputs", _workspace.Inputs(2), "--mix", "light1c=1", "--total", "6", "--capacity-units", "2", "--run-id", "r");

        var invocations = _workspace.Invocations("r");
        Assert.All(invocations, i => Assert.Null(i.CpuOvercommit));
        Assert.All(invocations, a => Assert.DoesNotContain(
            invocations, b => a != b && a.Cpuset == b.Cpuset && a.TsStart < b.TsEnd - 1 && b.TsStart < a.TsEnd - 1));
    }

    [Fact]
    public void Longest_first_when_asked_by_duration()
    {
        var inputs = Directory.CreateDirectory(_workspace.File("inputs")).FullName;
        _workspace.Tracekit.Succeed("generate-inputs", "--output", inputs, "--count", "3", "--durations", "0.5,2,1", "--size", "320x180");

        _workspace.Tracekit.Succeed(
            "run", "--inputs", inputs, "--policy", "duration-greedy", "--parallel", "1", "--scale", "160:90", "--run-id", "r");

        Assert.Equal(["2s", "1s", "0.5s"], _workspace.Invocations("r").OrderBy(i => i.TsEnqueue).Select(i => i.Input!.Split('_')[^1].Replace(".mp4", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void Over_redis_a_second_machine_can_join_in_and_the_result_is_the_same()
    {
        using var server = new Redis.Tests.RedisServer();
        using var helper = _workspace.Tracekit.Start(
            "worker", "--redis", server.Url, "--run-id", "r", "--node-id", "other", "--logs", "elsewhere", "--capacity-units", "1");

        var ended = _workspace.Tracekit.Succeed(
            "run", "--redis", server.Url, "--inputs", _workspace.Inputs(2), "--mix", "light1c=1", "--total", "6", "--run-id", "r", "--node-id", "this", "--capacity-units", "1",
            "--json");
        Linux.Signals.Send(helper.Pid, Linux.Signals.Terminate);

        Assert.Equal(0, helper.End().ExitCode);
        using var report = JsonDocument.Parse(ended.Output);
        Assert.Equal(0, report.RootElement.GetProperty("not_run").GetInt32());
        Assert.Equal(6, report.RootElement.GetProperty("succeeded").GetInt32() + report.RootElement.GetProperty("ran_elsewhere").GetInt32());
        Assert.Equal(6, Directory.GetFiles(_workspace.File("outputs")).Length);
        Assert.Equal("pass", report.RootElement.GetProperty("audit").GetString());
    }

    [Fact]
    public void An_output_that_looks_like_a_protocol_is_a_file()
    {
        _workspace.Tracekit.Succeed("run", "--inputs", _workspace.Inputs(1), "--outputs", "tcp:127.0.0.1:9", "--run-id", "r");

        Assert.Single(Directory.GetFiles(_workspace.File("tcp:127.0.0.1:9")));
    }

    [Fact]
    public void A_profile_from_a_file_needs_no_build()
    {
        var profiles = _workspace.Write("profiles.yaml", "tiny:\n  scale: 160:90\n  vcodec: h264\n  preset: ultrafast\n  crf: 30\n  cpu_units: 1\n");

        _workspace.Tracekit.Succeed("run", "--inputs", _workspace.Inputs(1), "--profiles", profiles, "--mix", "tiny=1", "--run-id", "r");

        Assert.Equal("tiny", Assert.Single(_workspace.Invocations("r")).Profile);
    }

    [Fact]
    public void Without_a_terminal_progress_is_plain_lines_and_the_result_is_on_standard_output()
    {
        var ended = _workspace.Tracekit.Succeed("run", "--inputs", _workspace.Inputs(1), "--run-id", "r");

        Assert.DoesNotContain('\u001b', ended.Error + ended.Output);
        Assert.Contains("0 of 1 tasks done", ended.Error, StringComparison.Ordinal);
        Assert.Contains("1 of 1 tasks done", ended.Output, StringComparison.Ordinal);
        Assert.Contains("audit     pass", ended.Output, StringComparison.Ordinal);
    }

    private List<string?> Outputs(string runId) => [.. _workspace.Invocations(runId).OrderBy(i => i.TsEnqueue).Select(i => i.Output)];
}
