using System.Collections.Concurrent;
using System.Globalization;
using Tracekit.Redis;

namespace Tracekit.Schedule.Tests.Queue;

/// <summary>A stand-in for the roles of the older tool: it speaks the keys of the contract, one plain command after the other, and nothing else.</summary>
internal sealed class OlderTool(RedisOptions options, RedisConnection redis)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    /// <summary>What its worker ran, in the order it took it.</summary>
    public ConcurrentQueue<TaskSpec> Ran { get; } = new();

    public async Task DispatchAsync(IEnumerable<TaskSpec> tasks)
    {
        foreach (var task in tasks)
        {
            await redis.CallAsync(new RespCommand("RPUSH").Add("q:pending").Add(task.ToJson()));
        }
    }

    public async Task ScheduleAsync(bool slots, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            if (!await TryPlaceHeadAsync(slots))
            {
                await Task.Delay(Pause, CancellationToken.None);
            }
        }
    }

    public async Task WorkAsync(string node, int capacity, int slots, CancellationToken stop)
    {
        await redis.CallAsync(RespCommand.Of("MSET", $"cap_total:{node}", $"{capacity}", $"cap:{node}", $"{capacity}", $"run_count:{node}", "0", $"phys:{node}", $"{capacity}", $"ratio:{node}", "1.0"), stop);
        for (var i = 0; i < slots; i++)
        {
            await redis.CallAsync(RespCommand.Of("RPUSH", "slots:available", node), stop);
        }

        await using var queue = await RedisWaiter.ConnectAsync(options, redis, stop);
        var running = new List<Task>();
        try
        {
            while (true)
            {
                var popped = await queue.WaitAsync(RespCommand.Of("BLPOP", $"q:{node}", "60"), TimeSpan.FromSeconds(60), stop);
                var task = TaskSpec.Parse(popped[1].AsBytes().Span, node);
                Ran.Enqueue(task);
                running.Add(RunAsync(node, task, slots > 0));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Task.WhenAll(running);
        }
    }

    private async Task RunAsync(string node, TaskSpec task, bool slots)
    {
        await Task.Delay(Pause);
        await redis.CallAsync(RespCommand.Of("INCRBY", $"cap:{node}", task.CpuUnits.ToString(CultureInfo.InvariantCulture)));
        if (slots)
        {
            await redis.CallAsync(RespCommand.Of("RPUSH", "slots:available", node));
        }

        await redis.CallAsync(RespCommand.Of("DECR", $"run_count:{node}"));
    }

    private async Task<bool> TryPlaceHeadAsync(bool slots)
    {
        var head = await redis.CallAsync(RespCommand.Of("LINDEX", "q:pending", "0"));
        if (head.IsNull)
        {
            return false;
        }

        var units = TaskSpec.Parse(head.AsBytes().Span, "q:pending").CpuUnits.ToString(CultureInfo.InvariantCulture);
        if (await FirstWithRoomAsync(slots, int.Parse(units, CultureInfo.InvariantCulture)) is not { } node)
        {
            return false;
        }

        var task = await redis.CallAsync(RespCommand.Of("LPOP", "q:pending"));
        await redis.CallAsync(RespCommand.Of("DECRBY", $"cap:{node}", units));
        if (slots)
        {
            await redis.CallAsync(RespCommand.Of("LREM", "slots:available", "1", node));
        }

        await redis.CallAsync(RespCommand.Of("INCR", $"run_count:{node}"));
        await redis.CallAsync(new RespCommand("RPUSH").Add($"q:{node}").Add(task.AsBytes().Span));
        return true;
    }

    private async Task<string?> FirstWithRoomAsync(bool slots, int units)
    {
        var offers = await redis.CallAsync(slots ? RespCommand.Of("LRANGE", "slots:available", "0", "-1") : RespCommand.Of("KEYS", "cap:*"));
        for (var i = 0; i < offers.Count; i++)
        {
            var node = slots ? offers[i].AsText() : offers[i].AsText()["cap:".Length..];
            var free = await redis.CallAsync(RespCommand.Of("GET", $"cap:{node}"));
            if (!free.IsNull && int.Parse(free.AsText(), CultureInfo.InvariantCulture) >= units)
            {
                return node;
            }
        }

        return null;
    }
}
