using System.Text;

namespace Tracekit.Redis.Tests;

/// <summary>Peers that are no Redis servers, and whether anything they do gets the password into a text of ours.</summary>
public sealed class StrangePeerTests
{
    private const string Secret = "s3cret-pass";

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n\r\ns3cret-pass", "HTTP server")]
    [InlineData("s3cret-pass", "byte 0x73")]
    [InlineData("+s3cret-pass\n", "lines")]
    [InlineData("$s3cret-pass\r\n", "number that is none")]
    [InlineData("$12\r\ns3cret-pass!!", "longer than it says")]
    [InlineData("-ERR unknown command 'AUTH', with args beginning with: 's3cret-pass'\r\n", "the server answers ERR")]
    [InlineData("-s3cret-pass\r\n", "the server answers ERR")]
    [InlineData("-WRONGPASS s3cret-pass\r\n", "the server answers WRONGPASS")]
    [InlineData("+OK\r\n-ERR s3cret-pass\r\n", "SELECT: ERR ***")]
    [InlineData("+OK\r\n+OK\r\n-NOPERM s3cret-pass\r\n", "CLIENT: NOPERM ***")]
    [InlineData("*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$11\r\ns3cret-pass\r\n", "as no Redis server does")]
    [InlineData("+OK\r\n+OK\r\n+OK\r\n+s3cret-pass\r\n:1\r\n", "as no Redis server does")]
    [InlineData("+OK\r\n+s3cret-pass\r\n", "as no Redis server does")]
    [InlineData("$999999999999\r\n", "the limit is")]
    [InlineData("", "during the login")]
    [InlineData("+OK\r\n", "during the login")]
    public async Task One_clear_line_tells_what_is_wrong_and_never_the_password(string answer, string expected)
    {
        using var peer = FakePeer.Answering(Encoding.ASCII.GetBytes(answer));
        var told = new List<RedisStateChange>();
        var options = RedisServer.OptionsFor($"redis://u:{Secret}@127.0.0.1:{peer.Port}/1") with { StateChanged = told.Add };

        var e = await Record.ExceptionAsync(async () =>
        {
            await using var redis = await RedisConnection.ConnectAsync(options);
            await redis.CallAsync(RespCommand.Of("PING"));
        });

        Assert.IsAssignableFrom<RedisException>(e);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.StartsWith($"redis://u:***@127.0.0.1:{peer.Port}/1: ", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.DoesNotContain(Secret, $"{e}{options}{string.Concat(told)}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_echo_server_does_not_get_the_password_into_an_error()
    {
        using var peer = new FakePeer(async (_, socket) =>
        {
            var buffer = new byte[4096];
            var length = await socket.ReceiveAsync(buffer);
            await socket.SendAsync(buffer.AsMemory(0, length));
        });

        var e = await Assert.ThrowsAsync<RespFormatException>(
            () => RedisConnection.ConnectAsync(RedisServer.OptionsFor($"redis://u:{Secret}@127.0.0.1:{peer.Port}")));

        Assert.DoesNotContain(Secret, e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_that_says_nothing_is_given_up_after_the_connect_timeout()
    {
        var silent = new TaskCompletionSource();
        using var peer = new FakePeer((_, _) => silent.Task);

        var e = await Assert.ThrowsAsync<RedisConnectException>(
            () => RedisConnection.ConnectAsync(RedisServer.OptionsFor($"redis://:{Secret}@127.0.0.1:{peer.Port}") with { ConnectTimeout = TimeSpan.FromMilliseconds(50) }));

        Assert.Contains("no connection within 0.05 s", e.Message, StringComparison.Ordinal);
        silent.SetResult();
    }

    [Fact]
    public async Task A_reply_that_nobody_asked_for_ends_the_connection_before_it_can_meet_a_command()
    {
        using var peer = new FakePeer(async (number, socket) =>
        {
            await socket.ReceiveAsync(new byte[4096]);
            await socket.SendAsync(Encoding.ASCII.GetBytes(number == 0 ? "+OK\r\n:1\r\n+unasked\r\n" : "+OK\r\n:1\r\n"));
            await socket.ReceiveAsync(new byte[4096]);
            await socket.SendAsync("+asked\r\n"u8.ToArray());
        });
        var isLost = new TaskCompletionSource<string>();
        var options = RedisServer.OptionsFor(peer.Url) with { StateChanged = c => { _ = c.Reason is not null && isLost.TrySetResult(c.Reason); } };
        await using var redis = await RedisConnection.ConnectAsync(options);

        Assert.Equal("a reply that no command asked for", await isLost.Task.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal("asked", (await redis.CallAsync(RespCommand.Of("PING"))).AsText());
    }

    [Fact]
    public async Task Garbage_in_place_of_a_reply_is_told_to_the_caller_without_the_password()
    {
        using var peer = new FakePeer(async (_, socket) =>
        {
            await socket.ReceiveAsync(new byte[4096]);
            await socket.SendAsync("+OK\r\n+OK\r\n:1\r\n"u8.ToArray());
            await socket.ReceiveAsync(new byte[4096]);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"{Secret}"));
        });
        await using var redis = await RedisConnection.ConnectAsync(RedisServer.OptionsFor($"redis://:{Secret}@127.0.0.1:{peer.Port}"));

        var e = await Assert.ThrowsAsync<RedisConnectionLostException>(async () => await redis.CallAsync(RespCommand.Of("PING")));

        Assert.Contains("no Redis server", e.Message, StringComparison.Ordinal);
        Assert.True(e.MayHaveExecuted);
        Assert.DoesNotContain(Secret, e.ToString(), StringComparison.Ordinal);
    }
}
