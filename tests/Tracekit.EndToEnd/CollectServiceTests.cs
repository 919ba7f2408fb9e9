using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tracekit.Redis;
using Tracekit.Redis.Tests;

namespace Tracekit.EndToEnd;

/// <summary>A real service that runs for long, collected by its name, against what it says of itself.</summary>
public sealed class CollectServiceTests : IDisposable
{
    private const double ToleranceMs = 10;

    private readonly Workspace _workspace = new();
    private readonly RedisServer _server = new();

    public CollectServiceTests()
    {
        Directory.CreateDirectory(_workspace.File("runtime"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _workspace.Tracekit.Environment["XDG_RUNTIME_DIR"] = _workspace.File("runtime");
    }

    public void Dispose()
    {
        _workspace.Tracekit.Run("collect", "stop", "--all");
        _server.Dispose();
        _workspace.Dispose();
    }

    [Fact]
    public async Task Redis_used_the_cpu_time_that_it_says_itself_and_the_wide_trace_shows_when()
    {
        await using var redis = await RedisConnection.ConnectAsync(_server.Options);
        var pid = (int)await InfoAsync(redis, "server", "process_id");
        _workspace.Tracekit.Succeed("collect", "start", "--run-id", "r", "--node-id", "n", "--proc-match", "^redis-server$", "--interval-ms", "20", "--details", "threads,io");

        using (var load = Process.Start(new ProcessStartInfo("redis-benchmark", ["-p", $"{_server.Port}", "-n", "50000", "-t", "set,get", "-q"]) { RedirectStandardOutput = true })!)
        {
            await load.StandardOutput.ReadToEndAsync();
            await load.WaitForExitAsync();
        }

        var beforeMs = await CpuMsAsync(redis);
        var samples = Samples(pid).Count;
        Wait.Until(() => Samples(pid).Count > samples + 1);
        _workspace.Tracekit.Succeed("collect", "stop", "--run-id", "r");
        var afterMs = await CpuMsAsync(redis);

        var own = Samples(pid);
        var lastMs = own[^1].GetProperty("cpu_ns").GetInt64() / 1e6;
        Assert.InRange(lastMs, beforeMs - ToleranceMs, afterMs + ToleranceMs);
        Assert.All(own, s => Assert.True(s.GetProperty("threads").GetInt32() >= 1));

        _workspace.Tracekit.Succeed("parse", "logs/r");
        var firstMs = own[0].GetProperty("cpu_ns").GetInt64() / 1e6;
        var windowsMs = File.ReadLines(_workspace.File("logs/r/cctf/proc_cpu.jsonl")).Select(l => JsonDocument.Parse(l).RootElement)
            .Where(l => l.GetProperty("pid").GetInt32() == pid).Sum(l => l.GetProperty("cpu_ms").GetDouble());
        Assert.Equal(lastMs - firstMs, windowsMs, 0.01);
        Assert.True(windowsMs > 50, $"{windowsMs} ms is no load to judge by");
    }

    private List<JsonElement> Samples(int pid)
    {
        var text = File.ReadAllText(_workspace.File("logs/r/proc_metrics.jsonl"));
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => JsonDocument.Parse(l).RootElement).Where(l => l.GetProperty("pid").GetInt32() == pid)];
    }

    private static async Task<double> CpuMsAsync(RedisConnection redis) =>
        1000 * (await InfoAsync(redis, "cpu", "used_cpu_user") + await InfoAsync(redis, "cpu", "used_cpu_sys"));

    private static async Task<double> InfoAsync(RedisConnection redis, string section, string field)
    {
        var lines = (await redis.CallAsync(RespCommand.Of("INFO", section))).AsText().Split("\r\n");
        return double.Parse(lines.First(l => l.StartsWith(field + ":", StringComparison.Ordinal))[(field.Length + 1)..], CultureInfo.InvariantCulture);
    }
}
