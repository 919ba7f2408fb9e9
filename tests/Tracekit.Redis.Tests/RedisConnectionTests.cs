using System.Collections.Concurrent;

namespace Tracekit.Redis.Tests;

public sealed class RedisConnectionTests(RedisServer server) : IClassFixture<RedisServer>
{
    [Fact]
    public async Task A_value_comes_back_as_it_was_set()
    {
        await using var redis = await server.ConnectAsync();
        byte[] value = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];

        (await redis.CallAsync(new RespCommand("SET").Add("value").Add(value))).AssertOk();

        Assert.Equal(value, (await redis.CallAsync(RespCommand.Of("GET", "value"))).AsBytes().ToArray());
        Assert.True((await redis.CallAsync(RespCommand.Of("GET", "no such key"))).IsNull);
    }

    [Fact]
    public async Task Thousands_of_calls_at_once_each_get_their_own_reply()
    {
        await using var redis = await server.ConnectAsync();
        var calls = Enumerable.Range(0, 20_000).Select(i => redis.CallAsync(new RespCommand("ECHO").Add(i)).AsTask()).ToArray();

        var replies = await Task.WhenAll(calls);

        Assert.Equal(Enumerable.Range(0, 20_000), replies.Select(r => r.AsInt32()));
        Assert.Equal(0, redis.InFlight);
    }

    [Fact]
    public async Task No_more_commands_than_allowed_are_under_way_and_all_are_answered()
    {
        await using var redis = await RedisConnection.ConnectAsync(server.Options with { MaxInFlight = 3 });
        await using var other = await server.ConnectAsync();
        var blocked = redis.CallAsync(RespCommand.Of("BLPOP", "hold:limit", "30")).AsTask();
        var calls = Enumerable.Range(0, 100).Select(i => redis.CallAsync(new RespCommand("ECHO").Add(i)).AsTask()).ToArray();
        var most = redis.InFlight;
        await other.CallAsync(RespCommand.Of("RPUSH", "hold:limit", "go"));
        await blocked;

        var replies = await Task.WhenAll(calls);

        Assert.Equal(3, most);
        Assert.Equal(Enumerable.Range(0, 100), replies.Select(r => r.AsInt32()));
    }

    [Fact]
    public async Task A_cancelled_call_ends_at_once_and_its_reply_meets_nobody_else()
    {
        await using var redis = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        using var cancellation = new CancellationTokenSource();
        var blocked = redis.CallAsync(RespCommand.Of("BLPOP", "hold:cancel", "30")).AsTask();
        var cancelled = redis.CallAsync(RespCommand.Of("ECHO", "cancelled"), cancellation.Token).AsTask();
        var kept = redis.CallAsync(RespCommand.Of("ECHO", "kept")).AsTask();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(3, redis.InFlight);
        await other.CallAsync(RespCommand.Of("RPUSH", "hold:cancel", "go"));
        await blocked;
        Assert.Equal("kept", (await kept).AsText());
        Assert.Equal("after", (await redis.CallAsync(RespCommand.Of("ECHO", "after"))).AsText());
        Assert.Equal(0, redis.InFlight);
    }

    [Fact]
    public async Task A_call_that_is_cancelled_before_it_is_sent_is_cancelled()
    {
        await using var redis = await server.ConnectAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await redis.CallAsync(RespCommand.Of("SET", "cancelled", "1"), new CancellationToken(canceled: true)));

        Assert.True((await redis.CallAsync(RespCommand.Of("GET", "cancelled"))).IsNull);
    }

    [Fact]
    public async Task An_error_of_the_server_has_its_code_and_names_the_command()
    {
        await using var redis = await server.ConnectAsync();
        await redis.CallAsync(RespCommand.Of("SET", "text", "x"));

        var e = await Assert.ThrowsAsync<RedisServerException>(async () => await redis.CallAsync(RespCommand.Of("LPUSH", "text", "x")));

        Assert.Equal(RedisErrorCode.WrongType, e.Code);
        Assert.StartsWith($"{server.Url}: LPUSH: WRONGTYPE ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_full_says_so()
    {
        using var full = RedisServer.Start("--maxmemory", "1mb");
        await using var redis = await full.ConnectAsync();
        var e = await Assert.ThrowsAsync<RedisServerException>(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await redis.CallAsync(new RespCommand("SET").Add(i).Add(new byte[100_000]));
            }
        });

        Assert.Equal(RedisErrorCode.OutOfMemory, e.Code);
    }

    [Fact]
    public async Task A_replica_refuses_a_write_and_says_whom_to_ask()
    {
        using var replica = RedisServer.Start("--replicaof", "127.0.0.1", $"{server.Port}");
        await using var redis = await replica.ConnectAsync();

        var e = await Assert.ThrowsAsync<RedisServerException>(async () => await redis.CallAsync(RespCommand.Of("SET", "k", "v")));

        Assert.Equal(RedisErrorCode.ReadOnly, e.Code);
        Assert.Contains("give the address of its master", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_took_writes_and_is_a_replica_for_a_while_is_waited_for_and_told_of_once()
    {
        using var own = new RedisServer();
        var changes = new ConcurrentQueue<RedisStateChange>();
        await using var redis = await RedisConnection.ConnectAsync(own.Options with { StateChanged = changes.Enqueue });
        await using var waiter = await RedisWaiter.ConnectAsync(own.Options, redis);
        redis.ExpectWrites();
        var popped = waiter.WaitAsync(RespCommand.Of("BLPOP", "list", "60"), TimeSpan.FromSeconds(60), default).AsTask();
        await redis.CallAsync(RespCommand.Of("REPLICAOF", "127.0.0.1", $"{RedisServer.FreePort()}"));
        var writes = Enumerable.Range(0, 3).Select(i => redis.CallAsync(RespCommand.Of("SET", $"k{i}", "v")).AsTask()).ToArray();
        await Eventually.Holds(() => changes.Any(c => c.State == RedisState.RefusedForNow));

        await redis.CallAsync(RespCommand.Of("REPLICAOF", "NO", "ONE"));

        await Task.WhenAll(writes);
        await redis.CallAsync(RespCommand.Of("RPUSH", "list", "v"));
        Assert.Equal("v", (await popped)[1].AsText());
        var told = Assert.Single(changes, c => c.State == RedisState.RefusedForNow);
        Assert.EndsWith("give the address of its master; trying again for up to 30 s", $"{told}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_stays_a_replica_is_waited_for_no_longer_than_the_limit()
    {
        using var own = RedisServer.Start("--replicaof", "127.0.0.1", $"{RedisServer.FreePort()}");
        await using var redis = await RedisConnection.ConnectAsync(own.Options with { MaxTransientWait = TimeSpan.FromMilliseconds(20) });
        redis.ExpectWrites();

        var e = await Assert.ThrowsAsync<RedisServerException>(async () => await redis.CallAsync(RespCommand.Of("SET", "k", "v")));

        Assert.Equal(RedisErrorCode.ReadOnly, e.Code);
    }

    [Fact]
    public async Task A_replica_without_its_master_is_waited_for()
    {
        using var replica = RedisServer.Start("--replicaof", "127.0.0.1", $"{RedisServer.FreePort()}", "--replica-serve-stale-data", "no");
        await using var redis = await replica.ConnectAsync();
        var get = redis.CallAsync(RespCommand.Of("GET", "k")).AsTask();

        // Refused at least once by now: INFO has counted it.
        await using var other = await replica.ConnectAsync();
        await Eventually.Holds(async () => (await other.CallAsync(RespCommand.Of("INFO", "errorstats"))).AsText().Contains("MASTERDOWN", StringComparison.Ordinal));
        Assert.False(get.IsCompleted);
        await other.CallAsync(RespCommand.Of("REPLICAOF", "NO", "ONE"));

        Assert.True((await get).IsNull);
    }

    [Fact]
    public async Task A_replica_without_its_master_is_waited_for_no_longer_than_the_limit()
    {
        using var replica = RedisServer.Start("--replicaof", "127.0.0.1", $"{RedisServer.FreePort()}", "--replica-serve-stale-data", "no");
        await using var redis = await RedisConnection.ConnectAsync(replica.Options with { MaxTransientWait = TimeSpan.FromMilliseconds(20) });

        var e = await Assert.ThrowsAsync<RedisServerException>(async () => await redis.CallAsync(RespCommand.Of("GET", "k")));

        Assert.Equal(RedisErrorCode.MasterDown, e.Code);
    }

    [Fact]
    public async Task Large_values_pass_in_both_directions()
    {
        await using var redis = await server.ConnectAsync();
        var value = new byte[3_000_000];
        new Random(1).NextBytes(value);
        await redis.CallAsync(new RespCommand("SET").Add("large").Add(value));
        var calls = Enumerable.Range(0, 5).Select(_ => redis.CallAsync(RespCommand.Of("GET", "large")).AsTask()).ToArray();

        Assert.All(await Task.WhenAll(calls), r => Assert.Equal(value, r.AsBytes().ToArray()));
        await redis.CallAsync(RespCommand.Of("DEL", "large"));
    }

    [Fact]
    public async Task A_reply_beyond_the_limit_ends_the_connection_and_the_next_call_gets_another()
    {
        await using var redis = await RedisConnection.ConnectAsync(server.Options with { Limits = new RespLimits { MaxBulkBytes = 100 } });
        await redis.CallAsync(new RespCommand("SET").Add("long").Add(new byte[101]));

        var e = await Assert.ThrowsAsync<RedisConnectionLostException>(async () => await redis.CallAsync(RespCommand.Of("GET", "long")));

        Assert.Contains("a bulk of 101 bytes, the limit is 100", e.Message, StringComparison.Ordinal);
        Assert.Equal("x", (await redis.CallAsync(RespCommand.Of("ECHO", "x"))).AsText());
    }

    [Fact]
    public async Task A_closed_connection_fails_its_calls_unsent()
    {
        var redis = await server.ConnectAsync();
        await redis.DisposeAsync();
        await redis.DisposeAsync();

        var e = await Assert.ThrowsAsync<RedisConnectionLostException>(async () => await redis.CallAsync(RespCommand.Of("PING")));

        Assert.False(e.MayHaveExecuted);
        Assert.False(redis.IsConnected);
    }
}
