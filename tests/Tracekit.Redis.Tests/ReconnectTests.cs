using System.Collections.Concurrent;
using System.Net.Sockets;

namespace Tracekit.Redis.Tests;

public sealed class ReconnectTests
{
    [Fact]
    public async Task A_server_that_is_killed_and_started_again_is_found_again()
    {
        using var server = new RedisServer();
        var changes = new ConcurrentQueue<RedisStateChange>();
        await using var redis = await RedisConnection.ConnectAsync(server.Options with { StateChanged = changes.Enqueue });
        await redis.CallAsync(RespCommand.Of("PING"));

        server.Kill();
        await Eventually.Holds(() => changes.Any(c => c.State == RedisState.Lost));
        server.StartAgain();

        Assert.Equal("x", (await redis.CallAsync(RespCommand.Of("ECHO", "x"))).AsText());
        await Eventually.Holds(() => changes.Count == 3);
        Assert.Equal([RedisState.Connected, RedisState.Lost, RedisState.Connected], changes.Select(c => c.State));
        Assert.Equal($"{server.Url}: connection lost: the server closed the connection; connecting again", changes.ElementAt(1).ToString());
    }

    [Fact]
    public async Task A_call_under_way_when_the_server_dies_may_have_been_executed_and_one_without_connection_was_not()
    {
        using var server = new RedisServer();
        await using var redis = await RedisConnection.ConnectAsync(server.Options with { MaxWaitForConnection = TimeSpan.FromMilliseconds(50) });
        await using var other = await server.ConnectAsync();
        var call = redis.CallAsync(RespCommand.Of("BLPOP", "k", "0")).AsTask();
        await UntilBlockedAsync(other);

        server.Kill();

        var sent = await Assert.ThrowsAsync<RedisConnectionLostException>(() => call);
        var unsent = await Assert.ThrowsAsync<RedisConnectionLostException>(async () => await redis.CallAsync(RespCommand.Of("INCR", "n")));
        Assert.True(sent.MayHaveExecuted);
        Assert.False(unsent.MayHaveExecuted);
        Assert.EndsWith("it was not sent", unsent.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_that_may_be_repeated_is_repeated_until_the_server_is_back()
    {
        using var server = new RedisServer();
        await using var redis = await server.ConnectAsync();
        await using var other = await server.ConnectAsync();
        var policy = CallPolicy.RetryFor(TimeSpan.FromMinutes(1), TimeProvider.System);
        var call = redis.CallAsync(RespCommand.Of("BLPOP", "k", "0"), policy, default).AsTask();
        await UntilBlockedAsync(other);

        server.Kill();
        server.StartAgain();
        await using var again = await server.ConnectAsync();
        await again.CallAsync(RespCommand.Of("RPUSH", "k", "v"));

        Assert.Equal("v", (await call)[1].AsText());
    }

    [Fact]
    public async Task A_server_that_wants_another_password_after_its_restart_is_not_tried_for_ever()
    {
        using var server = new RedisServer();
        var changes = new ConcurrentQueue<RedisStateChange>();
        await using var redis = await RedisConnection.ConnectAsync(server.Options with { StateChanged = changes.Enqueue });

        server.Kill();
        server.StartAgain("--requirepass", "another");

        var e = await Assert.ThrowsAsync<RedisServerException>(async () => await redis.CallAsync(RespCommand.Of("PING"), CallPolicy.RetryFor(TimeSpan.FromMinutes(1), TimeProvider.System), default));
        Assert.Equal(RedisErrorCode.NoAuth, e.Code);
        await Eventually.Holds(() => changes.Any(c => c.State == RedisState.Refused));
        Assert.DoesNotContain(changes, c => $"{c}".Contains('\n', StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_is_silent_for_too_long_counts_as_dead()
    {
        using var server = new RedisServer();
        await using var redis = await RedisConnection.ConnectAsync(server.Options with { CommandTimeout = TimeSpan.FromMilliseconds(100) });
        await using var other = await server.ConnectAsync();
        var sleep = other.CallAsync(RespCommand.Of("DEBUG", "SLEEP", "1")).AsTask();
        await Eventually.Holds(() => other.InFlight == 1);

        var e = await Assert.ThrowsAsync<RedisConnectionLostException>(async () =>
        {
            while (true)
            {
                await redis.CallAsync(RespCommand.Of("INCR", "n"));
            }
        });

        Assert.Contains("no reply within 0.1 s", e.Message, StringComparison.Ordinal);
        Assert.True(e.MayHaveExecuted);
        await sleep;
        Assert.Equal("x", (await redis.CallAsync(RespCommand.Of("ECHO", "x"), CallPolicy.RetryFor(TimeSpan.FromMinutes(1), TimeProvider.System), default)).AsText());
    }

    [Fact]
    public async Task A_server_that_takes_connections_and_closes_them_is_not_tried_in_a_spin()
    {
        using var server = new RedisServer();
        using var proxy = new CuttingProxy(server.Port);
        var delays = new ConcurrentQueue<TimeSpan>();
        var options = RedisServer.OptionsFor(proxy.Url) with { BackOff = new BackOff(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)), Time = new HurriedTime(delays) };
        await using var redis = await RedisConnection.ConnectAsync(options);
        for (var i = 0; i < 6; i++)
        {
            var before = proxy.Connections;
            proxy.Cut();
            await Eventually.Holds(() => proxy.Connections > before && redis.IsConnected);
        }

        // Every one of these connections was good for a login, and still the delays grew.
        Assert.Equal(delays.Order(), delays);
        Assert.True(delays.Last() >= TimeSpan.FromSeconds(16), $"{delays.Last()}");
    }

    [Fact]
    public async Task A_host_that_is_not_known_is_asked_for_once()
    {
        var changes = new ConcurrentQueue<RedisStateChange>();
        var options = RedisServer.OptionsFor("redis://no-such-host.invalid") with { FirstConnectWithin = TimeSpan.FromMinutes(1), StateChanged = changes.Enqueue };

        var e = await Assert.ThrowsAsync<RedisConnectException>(() => RedisConnection.ConnectAsync(options));

        Assert.True(e.IsFinal);
        Assert.Contains("this host is not known", e.Message, StringComparison.Ordinal);
        Assert.Empty(changes);
    }

    [Fact]
    public async Task The_first_connection_is_tried_for_as_long_as_asked()
    {
        var port = RedisServer.FreePort();
        var changes = new ConcurrentQueue<RedisStateChange>();
        var options = RedisServer.OptionsFor($"redis://127.0.0.1:{port}") with { FirstConnectWithin = TimeSpan.FromMinutes(1), StateChanged = changes.Enqueue };
        var connecting = RedisConnection.ConnectAsync(options);
        await Eventually.Holds(() => !changes.IsEmpty);
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, port);
        listener.Start();
        using var socket = await listener.AcceptSocketAsync();
        await socket.ReceiveAsync(new byte[4096]);
        await socket.SendAsync("+OK\r\n:1\r\n"u8.ToArray());

        await using var redis = await connecting;

        Assert.True(redis.IsConnected);
        await Eventually.Holds(() => changes.Count == 2);
        Assert.Equal([RedisState.Awaited, RedisState.Connected], changes.Select(c => c.State));
        Assert.EndsWith("trying again for up to 60 s", $"{changes.First()}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listener_that_throws_costs_nobody_the_connection()
    {
        using var server = new RedisServer();
        await using var redis = await RedisConnection.ConnectAsync(server.Options with { StateChanged = _ => throw new InvalidOperationException() });

        server.Kill();
        server.StartAgain();

        Assert.Equal("x", (await redis.CallAsync(RespCommand.Of("ECHO", "x"), CallPolicy.RetryFor(TimeSpan.FromMinutes(1), TimeProvider.System), default)).AsText());
    }

    private static Task UntilBlockedAsync(RedisConnection other) => Eventually.Holds(
        async () => (await other.CallAsync(RespCommand.Of("INFO", "clients"))).AsText().Contains("blocked_clients:1", StringComparison.Ordinal));
}
