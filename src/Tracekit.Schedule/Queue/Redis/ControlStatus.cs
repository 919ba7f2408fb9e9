using System.Globalization;
using System.Text.Json;
using Tracekit.Model;
using Tracekit.Redis;

namespace Tracekit.Schedule;

/// <summary>A node as an operator sees it.</summary>
/// <param name="Node">Its id.</param>
/// <param name="IsAlive">Whether its worker was heard of within its lease.</param>
/// <param name="CapacityTotal">Its capacity units.</param>
/// <param name="CapacityFree">Those that no task holds.</param>
/// <param name="RunCount">Tasks dispatched to it and not finished.</param>
/// <param name="Waiting">Of these, the ones that it has not taken yet.</param>
/// <param name="OldestRunningMs">How long its oldest task has been running; null when none is.</param>
public sealed record NodeStatus(string Node, bool IsAlive, long CapacityTotal, long CapacityFree, long RunCount, long Waiting, long? OldestRunningMs);

/// <summary>The control plane as an operator sees it.</summary>
public sealed record ControlStatus
{
    /// <summary>The most dead letters that are shown.</summary>
    public const int MaxDeadLetters = 20;

    private const int MaxRunningLookedAt = 1000;

    /// <summary>When, by the server's clock.</summary>
    public required long TsMs { get; init; }

    /// <summary>Tasks in the line.</summary>
    public required long Pending { get; init; }

    /// <summary>Tasks that ended with status 0.</summary>
    public required long Succeeded { get; init; }

    /// <summary>Tasks that ended otherwise.</summary>
    public required long Failed { get; init; }

    /// <summary>Times that a task was taken back from a node that was gone.</summary>
    public required long Requeued { get; init; }

    /// <summary>Results that came too late.</summary>
    public required long Rejected { get; init; }

    /// <summary>Dead letters.</summary>
    public required long Dead { get; init; }

    /// <summary>Fencing token of the scheduler that leads; null when none does.</summary>
    public required string? LeaderToken { get; init; }

    /// <summary>The nodes, by id.</summary>
    public required IReadOnlyList<NodeStatus> Nodes { get; init; }

    /// <summary>The newest dead letters: id and reason.</summary>
    public required IReadOnlyList<string> DeadLetters { get; init; }

    /// <summary>Reads it. The parts are read one after the other, so they may be a moment apart.</summary>
    public static async Task<ControlStatus> ReadAsync(RedisConnection redis, CancellationToken cancellation)
    {
        var time = await redis.CallAsync(RespCommand.Of("TIME"), cancellation);
        var nowMs = (long.Parse(time[0].AsText(), CultureInfo.InvariantCulture) * 1000) + (long.Parse(time[1].AsText(), CultureInfo.InvariantCulture) / 1000);
        var counts = await redis.CallAsync(RespCommand.Of("HMGET", "tracekit:counts", "succeeded", "failed", "requeued", "rejected"), cancellation);
        var dead = await redis.CallAsync(RespCommand.Of("LRANGE", "tracekit:dead").Add((long)-MaxDeadLetters).Add(-1L), cancellation);
        return new ControlStatus
        {
            TsMs = nowMs,
            Pending = (await redis.CallAsync(RespCommand.Of("LLEN", ControlKeys.Pending), cancellation)).AsInt64(),
            Succeeded = Number(counts[0]),
            Failed = Number(counts[1]),
            Requeued = Number(counts[2]),
            Rejected = Number(counts[3]),
            Dead = (await redis.CallAsync(RespCommand.Of("LLEN", "tracekit:dead"), cancellation)).AsInt64(),
            LeaderToken = (await redis.CallAsync(RespCommand.Of("GET", "tracekit:scheduler"), cancellation)).AsTextOrNull(),
            Nodes = await NodesAsync(redis, nowMs, cancellation),
            DeadLetters = [.. Texts(dead).Select(Describe)],
        };
    }

    private static async Task<IReadOnlyList<NodeStatus>> NodesAsync(RedisConnection redis, long nowMs, CancellationToken cancellation)
    {
        var nodes = new List<NodeStatus>();
        foreach (var node in Texts(await redis.CallAsync(RespCommand.Of("HKEYS", "tracekit:nodes"), cancellation)).Order(StringComparer.Ordinal))
        {
            var cap = await redis.CallAsync(RespCommand.Of("MGET", $"cap_total:{node}", $"cap:{node}", $"run_count:{node}", $"tracekit:alive:{node}"), cancellation);
            var waiting = (await redis.CallAsync(RespCommand.Of("LLEN", ControlKeys.QueueOf(node)), cancellation)).AsInt64();
            long? oldestMs = null;
            foreach (var id in Texts(await redis.CallAsync(RespCommand.Of("SMEMBERS", $"tracekit:on:{node}"), cancellation)).Take(MaxRunningLookedAt))
            {
                var started = await redis.CallAsync(RespCommand.Of("HGET", $"tracekit:task:{id}", "started_ms"), cancellation);
                oldestMs = started.IsNull ? oldestMs : Math.Max(oldestMs ?? 0, nowMs - (long)double.Parse(started.AsText(), CultureInfo.InvariantCulture));
            }

            nodes.Add(new NodeStatus(node, !cap[3].IsNull, Number(cap[0]), Number(cap[1]), Number(cap[2]), waiting, oldestMs));
        }

        return nodes;
    }

    private static List<string> Texts(RespValue array)
    {
        var texts = new List<string>(array.Count);
        foreach (var item in array.Items)
        {
            texts.Add(item.AsText());
        }

        return texts;
    }

    private static long Number(RespValue value) => value.IsNull ? 0 : long.Parse(value.AsText(), CultureInfo.InvariantCulture);

    private static string Describe(string letter)
    {
        try
        {
            using var json = JsonDocument.Parse(letter);
            var id = json.RootElement.TryGetProperty("id", out var i) ? i.GetString() : "no id";
            return Printable.Line($"{id}: {json.RootElement.GetProperty("reason").GetString()}");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return Printable.Line(letter);
        }
    }
}
