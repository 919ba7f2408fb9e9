using System.Text.Json;
using System.Text.Json.Nodes;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.EndToEnd;

/// <summary>Nodes whose clock is not the Redis server's, from dispatch to the compact trace.</summary>
public sealed class ClockTests : IDisposable
{
    private const int AheadS = 1000;
    private const long AheadMs = AheadS * 1000L;

    // What measuring and starting programs may take on a loaded machine.
    private const long SlackMs = 30_000;

    private readonly Workspace _workspace = new();
    private readonly Redis.Tests.RedisServer _server = new();

    public void Dispose()
    {
        _server.Dispose();
        _workspace.Dispose();
    }

    [Fact]
    public void A_node_whose_clock_is_behind_has_submissions_on_its_own_clock_in_its_records_and_on_the_servers_in_its_trace()
    {
        var (before, after) = RunOnWorker(AheadS);

        var node = Node("logs/r/w");
        var raw = Assert.Single(_workspace.Invocations("r/w"));
        Assert.InRange(node.ClockOffsetMs!.Value, AheadMs - SlackMs, AheadMs + SlackMs);
        Assert.InRange(raw.TsEnqueue!.Value + AheadMs, before - SlackMs, after + SlackMs);
        Assert.Null(raw.EnqueueSkewMs);

        var shiftMs = node.Clock!.Value.ShiftMs;
        var audit = Audit("logs/r/w");
        Assert.Equal(shiftMs, audit["clock_shift_ms"]!["w"]!.GetValue<long>());
        Assert.Contains(audit["findings"]!.AsArray(), f => f!["code"]!.GetValue<string>() == "clock_offset");
        var traced = JsonNode.Parse(File.ReadAllText(_workspace.File("logs/r/w/CTS/invocations.jsonl")))!;
        Assert.Equal((raw.TsEnqueue + shiftMs, raw.TsStart + shiftMs, raw.TsEnd + shiftMs), (Time(traced, "ts_enqueue"), Time(traced, "ts_start"), Time(traced, "ts_end")));
    }

    [Fact]
    public void A_submission_that_lies_after_the_start_is_put_there_and_told()
    {
        RunOnWorker(-AheadS);

        var raw = Assert.Single(_workspace.Invocations("r/w"));
        Assert.Equal(raw.TsStart, raw.TsEnqueue);
        Assert.InRange(raw.EnqueueSkewMs!.Value, AheadMs - SlackMs, AheadMs + SlackMs);
        var finding = Assert.Single(Audit("logs/r/w")["findings"]!.AsArray(), f => f!["code"]!.GetValue<string>() == "enqueue_skew")!;
        Assert.Equal("warn", finding["severity"]!.GetValue<string>());
    }

    [Fact]
    public void A_run_over_redis_is_one_process_with_one_clock_and_its_trace_is_on_the_servers()
    {
        using var ahead = new OtherServerTime(_server.Port, AheadS);

        var ended = _workspace.Tracekit.Succeed("run", "--redis", ahead.Url, "--inputs", _workspace.Inputs(1), "--total", "2", "--run-id", "r", "--json");

        using var report = JsonDocument.Parse(ended.Output);
        Assert.Equal((2, "warn"), (report.RootElement.GetProperty("succeeded").GetInt32(), report.RootElement.GetProperty("audit").GetString()));
        var shiftMs = Node("logs/r").Clock!.Value.ShiftMs;
        Assert.InRange(shiftMs, AheadMs - SlackMs, AheadMs + SlackMs);
        var raw = _workspace.Invocations("r").OrderBy(i => i.TsStart).ToList();
        Assert.All(raw, i => Assert.InRange(i.TsStart!.Value - i.TsEnqueue!.Value, 0, SlackMs));
        Assert.All(raw, i => Assert.Null(i.EnqueueSkewMs));
        Assert.Equal(
            raw.Select(i => i.TsStart!.Value + shiftMs),
            File.ReadLines(_workspace.File("logs/r/CTS/invocations.jsonl")).Select(l => Time(JsonNode.Parse(l)!, "ts_start")));
    }

    /// <summary>One task, from a dispatcher with the server's clock to a worker that is told another; returns when it was dispatched, in ms.</summary>
    private (long BeforeMs, long AfterMs) RunOnWorker(int aheadS)
    {
        using var other = new OtherServerTime(_server.Port, aheadS);
        using var scheduler = _workspace.Tracekit.Start("scheduler", "--redis", _server.Url);
        using var worker = _workspace.Tracekit.Start("worker", "--redis", other.Url, "--run-id", "r", "--node-id", "w", "--capacity-units", "1", "--allow", "true");
        var beforeMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        _workspace.Tracekit.Succeed("dispatch", "--redis", _server.Url, "--pending", "--dispatch-id", "d", "--", "true");
        var afterMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        _workspace.Tracekit.Succeed("wait", "d", "--redis", _server.Url);
        Signals.Send(worker.Pid, Signals.Terminate);
        Assert.Equal(0, worker.End().ExitCode);
        _workspace.Tracekit.Succeed("parse", "logs/r");
        return (beforeMs, afterMs);
    }

    private NodeMeta Node(string directory) =>
        JsonSerializer.Deserialize(File.ReadAllBytes(_workspace.File($"{directory}/node_meta.json")), TraceJson.Default.NodeMeta)!;

    private JsonNode Audit(string directory) => JsonNode.Parse(File.ReadAllText(_workspace.File($"{directory}/CTS/audit.json")))!;

    private static long Time(JsonNode invocation, string name) => invocation[name]!.GetValue<long>();
}
