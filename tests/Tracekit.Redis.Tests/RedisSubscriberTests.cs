using System.Text;

namespace Tracekit.Redis.Tests;

public sealed class RedisSubscriberTests(RedisServer server) : IClassFixture<RedisServer>
{
    [Fact]
    public async Task Messages_come_in_order_from_every_channel()
    {
        await using var redis = await server.ConnectAsync();
        await using var subscriber = await RedisSubscriber.ConnectAsync(server.Options, ["order:a", "order:b"]);
        for (var i = 0; i < 1000; i++)
        {
            await redis.CallAsync(new RespCommand("PUBLISH").Add(i % 2 == 0 ? "order:a" : "order:b").Add(i));
        }

        for (var i = 0; i < 1000; i++)
        {
            var message = await ReadAsync(subscriber);
            Assert.Equal(i % 2 == 0 ? "order:a" : "order:b", message.Channel);
            Assert.Equal($"{i}", Encoding.ASCII.GetString(message.Payload.Span));
        }
    }

    [Fact]
    public async Task After_a_break_it_subscribes_again_and_tells_of_the_gap_once()
    {
        await using var redis = await server.ConnectAsync();
        using var proxy = new CuttingProxy(server.Port);
        await using var subscriber = await RedisSubscriber.ConnectAsync(RedisServer.OptionsFor(proxy.Url), ["break"]);
        await redis.CallAsync(RespCommand.Of("PUBLISH", "break", "before"));
        Assert.Equal("break", (await ReadAsync(subscriber)).Channel);

        proxy.Cut();

        Assert.True((await ReadAsync(subscriber)).IsGap);
        await redis.CallAsync(RespCommand.Of("PUBLISH", "break", "after"));
        Assert.Equal("after", Encoding.ASCII.GetString((await ReadAsync(subscriber)).Payload.Span));
    }

    [Fact]
    public async Task Messages_that_are_not_read_are_dropped_beyond_the_limit_and_told_as_a_gap()
    {
        await using var redis = await server.ConnectAsync();
        await using var subscriber = await RedisSubscriber.ConnectAsync(server.Options, ["flood"]);
        await Task.WhenAll(Enumerable.Range(0, RedisSubscriber.MaxQueued + 500).Select(_ => redis.CallAsync(RespCommand.Of("PUBLISH", "flood", "x")).AsTask()));
        await Eventually.Holds(() => subscriber.HasGap);

        var gaps = 0;
        var read = 0;
        while (gaps == 0)
        {
            gaps += (await ReadAsync(subscriber)).IsGap ? 1 : 0;
            read++;
        }

        Assert.InRange(read, 1, RedisSubscriber.MaxQueued + 1);
    }

    [Fact]
    public async Task A_silent_server_is_noticed_by_a_subscriber_too()
    {
        using var own = new RedisServer();
        var lost = new TaskCompletionSource();
        var options = own.Options with
        {
            CommandTimeout = TimeSpan.FromMilliseconds(100),
            StateChanged = c => { _ = c.State == RedisState.Lost && lost.TrySetResult(); },
        };
        await using var subscriber = await RedisSubscriber.ConnectAsync(options, ["c"]);
        await using var redis = await own.ConnectAsync();
        var sleep = redis.CallAsync(RespCommand.Of("DEBUG", "SLEEP", "1")).AsTask();

        await lost.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await sleep;
        Assert.True((await ReadAsync(subscriber)).IsGap);
    }

    [Fact]
    public async Task An_idle_subscriber_stays_connected()
    {
        await using var redis = await server.ConnectAsync();
        await using var subscriber = await RedisSubscriber.ConnectAsync(server.Options with { CommandTimeout = TimeSpan.FromMilliseconds(200), ClientName = "idle" }, ["idle"]);

        // Three pings have been answered by then.
        for (var i = 0; i < 3; i++)
        {
            var since = await PingsAsync(redis);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (await PingsAsync(redis) == since)
            {
                await Task.Delay(5, limit.Token);
            }
        }

        await redis.CallAsync(RespCommand.Of("PUBLISH", "idle", "x"));
        Assert.Equal("idle", (await ReadAsync(subscriber)).Channel);
    }

    [Fact]
    public async Task A_subscriber_that_is_closed_or_refused_says_so()
    {
        using var own = RedisServer.Start("--requirepass", "p");
        var e = await Assert.ThrowsAsync<RedisServerException>(() => RedisSubscriber.ConnectAsync(own.Options, ["c"]));
        var subscriber = await RedisSubscriber.ConnectAsync(server.Options, ["closed"]);

        await subscriber.DisposeAsync();

        Assert.Equal(RedisErrorCode.NoAuth, e.Code);
        await Assert.ThrowsAsync<RedisException>(() => ReadAsync(subscriber));
    }

    private static async Task<RedisMessage> ReadAsync(RedisSubscriber subscriber)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await subscriber.ReadAsync(limit.Token);
    }

    private static async Task<string> PingsAsync(RedisConnection redis) =>
        (await redis.CallAsync(RespCommand.Of("INFO", "commandstats"))).AsText().Split('\n').FirstOrDefault(l => l.StartsWith("cmdstat_ping", StringComparison.Ordinal)) ?? "";
}
