using Tracekit.Model;
using Tracekit.Redis;
using Tracekit.Redis.Tests;

namespace Tracekit.Schedule.Tests.Queue;

/// <summary>Dispatcher and workers whose clocks differ, with a real server between them.</summary>
#pragma warning disable CA1001 // xunit disposes by IAsyncLifetime
public sealed class ServerClockTests : IAsyncLifetime
#pragma warning restore CA1001
{
    // Half of a round trip on the loopback, on a loaded machine.
    private const long MostErrorMs = 1000;

    private readonly RedisServer _server = new();
    private readonly List<RedisControlPlane> _planes = [];
    private RedisConnection _redis = null!;

    public async Task InitializeAsync() => _redis = await _server.ConnectAsync();

    public async Task DisposeAsync()
    {
        foreach (var plane in _planes)
        {
            await plane.DisposeAsync();
        }

        await _redis.DisposeAsync();
        _server.Dispose();
    }

    [Theory]
    [InlineData(-7_000_000)]
    [InlineData(0)]
    [InlineData(7_000_000)]
    public async Task The_offset_of_a_clock_is_found_within_the_error_that_is_told(long aheadMs)
    {
        var plane = await Plane();

        var offset = await plane.MeasureClockAsync(Clock(aheadMs), default);

        Assert.InRange(offset.ErrorMs, 0, MostErrorMs);
        // The wall clock that server and test share is read to the microsecond, and the anchor of RunClock costs about as much.
        Assert.InRange(offset.OffsetMs, -aheadMs - offset.ErrorMs - 1, -aheadMs + offset.ErrorMs + 1);
    }

    [Theory]
    [InlineData(-60_000, 30_000)]
    [InlineData(60_000, -30_000)]
    public async Task An_enqueue_time_crosses_on_the_servers_clock_and_arrives_on_the_workers(long dispatcherAheadMs, long workerAheadMs)
    {
        var (dispatcherClock, workerClock, serverClock) = (Clock(dispatcherAheadMs), Clock(workerAheadMs), Clock(0));
        var (dispatcher, worker) = (await Plane("d"), await Plane());
        var atDispatcher = await dispatcher.MeasureClockAsync(dispatcherClock, default);
        var atWorker = await worker.MeasureClockAsync(workerClock, default);
        await worker.RegisterAsync(new NodeRegistration("a", 2, null, 2), default);

        var (beforeServerMs, beforeWorkerMs) = (serverClock.NowMs, workerClock.NowMs);
        await dispatcher.PushToAsync("a", Sample.Task() with { TsEnqueue = dispatcherClock.NowMs }, default);
        var (afterServerMs, afterWorkerMs) = (serverClock.NowMs, workerClock.NowMs);
        var crossed = TaskSpec.Parse((await _redis.CallAsync(RespCommand.Of("LINDEX", "q:a", "0"))).AsBytes().Span, "q:a");
        var taken = await worker.TakeAsync("a", default);

        var errorMs = (long)Math.Ceiling(atDispatcher.ErrorMs + atWorker.ErrorMs) + 2;
        Assert.InRange(crossed.TsEnqueue!.Value, beforeServerMs - errorMs, afterServerMs + errorMs);
        Assert.InRange(taken.Task.TsEnqueue!.Value, beforeWorkerMs - errorMs, afterWorkerMs + errorMs);

        var startMs = workerClock.NowMs;
        var record = new Invocation { Status = 0, TsEnqueue = taken.Task.TsEnqueue, TsStart = startMs, TsEnd = startMs + 10 };
        Assert.True(await worker.CompleteAsync(taken, TaskOutcome.Succeeded, record, default));
        var result = System.Text.Json.JsonDocument.Parse((await _redis.CallAsync(RespCommand.Of("HGET", "tracekit:results", "d-0"))).AsBytes()).RootElement;
        Assert.Equal(crossed.TsEnqueue, result.GetProperty("ts_enqueue").GetInt64());
        Assert.Equal(startMs + atWorker.ShiftMs, result.GetProperty("ts_start").GetInt64());
    }

    [Fact]
    public async Task Dispatcher_and_worker_in_one_process_get_back_what_they_sent()
    {
        var plane = await Plane("d");
        await plane.RegisterAsync(new NodeRegistration("a", 2, null, 2), default);
        await plane.MeasureClockAsync(Clock(12_345), default);

        await plane.PushToAsync("a", Sample.Task() with { TsEnqueue = JumpingTime.StartMs }, default);

        Assert.Equal(JumpingTime.StartMs, (await plane.TakeAsync("a", default)).Task.TsEnqueue);
    }

    [Fact]
    public async Task Enqueue_times_increase_also_where_a_measurement_puts_the_clock_back()
    {
        var plane = await Plane("d");
        await plane.MeasureClockAsync(Clock(-60_000), default);
        await plane.PushAsync(Sample.Task() with { TsEnqueue = JumpingTime.StartMs }, default);
        await plane.MeasureClockAsync(Clock(60_000), default);
        await plane.PushAsync(Sample.Task() with { TsEnqueue = JumpingTime.StartMs + 5 }, default);
        await plane.PushAsync(Sample.Task() with { TsEnqueue = JumpingTime.StartMs + 6 }, default);

        var line = (await _redis.CallAsync(RespCommand.Of("LRANGE", "q:pending", "0", "-1"))).Items.ToArray()
            .Select(json => TaskSpec.Parse(json.AsBytes().Span, "q:pending").TsEnqueue!.Value).ToArray();

        Assert.Equal([line[0], line[0] + 1, line[0] + 2], line);
        Assert.InRange(line[0] - JumpingTime.StartMs, 60_000 - MostErrorMs, 60_000 + MostErrorMs);
    }

    [Theory]
    [InlineData(-5, -5)]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(long.MinValue, long.MinValue)]
    [InlineData(0, 0)]
    [InlineData(1000, 0)]
    public async Task An_enqueue_time_that_is_none_comes_through_for_the_worker_to_refuse(long sentMs, long takenMs)
    {
        var plane = await Plane();
        await plane.RegisterAsync(new NodeRegistration("a", 2, null, 2), default);
        await plane.MeasureClockAsync(Clock(-60_000), default);

        // As an enemy, or an older dispatcher, would push it.
        await _redis.CallAsync(new RespCommand("RPUSH").Add("q:a").Add((Sample.Task() with { TsEnqueue = sentMs }).ToJson()));

        Assert.Equal(takenMs, (await plane.TakeAsync("a", default)).Task.TsEnqueue);
    }

    private static RunClock Clock(long aheadMs) => new(new OtherClock(aheadMs));

    private async Task<RedisControlPlane> Plane(string? dispatch = null)
    {
        var plane = await RedisControlPlane.ConnectAsync(new RedisControlOptions(RedisServer.OptionsFor(_server.Url)) { DispatchId = dispatch }, default);
        _planes.Add(plane);
        return plane;
    }

    /// <summary>This machine's clock, set wrong.</summary>
    private sealed class OtherClock(long aheadMs) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddMilliseconds(aheadMs);
    }
}
