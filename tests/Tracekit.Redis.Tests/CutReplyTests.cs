using System.Net.Sockets;

namespace Tracekit.Redis.Tests;

/// <summary>The connection cut after every byte of what a server sends.</summary>
public sealed class CutReplyTests
{
    private static readonly RespCommand[] Session =
    [
        RespCommand.Of("ECHO", "first"),
        RespCommand.Of("SET", "k", "v"),
        RespCommand.Of("RPUSH", "list", "a", "b", "c"),
        RespCommand.Of("LRANGE", "list", "0", "-1"),
        RespCommand.Of("GET", "none"),
        RespCommand.Of("EVAL", "return {1, {'x', false}, redis.status_reply('FINE')}", "0"),
        RespCommand.Of("LPUSH", "k", "x"),
        RespCommand.Of("ECHO", "a\r\n+OK\r\n$-1\r\nb"),
        RespCommand.Of("ECHO", "last"),
    ];

    [Fact]
    public async Task Cut_at_every_byte_of_a_recorded_session_no_reply_meets_another_command_and_the_client_recovers()
    {
        var (login, replies, expected) = await RecordAsync();
        for (var cut = 0; cut <= replies.Length; cut++)
        {
            var at = cut;
            using var peer = new FakePeer((number, socket) => ReplayAsync(socket, login, number == 0 ? replies[..at] : replies, isWhole: number > 0));
            var connected = 0;
            var options = RedisServer.OptionsFor(peer.Url) with { StateChanged = c => connected += c.State == RedisState.Connected ? 1 : 0 };
            await using var redis = await RedisConnection.ConnectAsync(options);

            var first = await RunAsync(redis);
            await Eventually.Holds(() => Volatile.Read(ref connected) == 2);
            var second = await RunAsync(redis);

            // Before the cut the true replies, after it none.
            var answered = first.TakeWhile(r => r is not null).Count();
            Assert.Equal(expected.Take(answered), first.Take(answered));
            Assert.All(first.Skip(answered), Assert.Null);
            Assert.Equal(cut == replies.Length ? expected.Length : CountOf(replies.AsSpan(0, cut)), answered);
            Assert.Equal(expected, second);
        }
    }

    [Fact]
    public async Task Cut_at_every_byte_of_a_real_conversation_every_call_gets_its_own_reply_in_the_end()
    {
        using var server = new RedisServer();
        using var proxy = new CuttingProxy(server.Port);
        await using var redis = await RedisConnection.ConnectAsync(RedisServer.OptionsFor(proxy.Url));
        for (var cut = 0; cut < 120; cut++)
        {
            proxy.CutAfter(cut);
            var policy = CallPolicy.RetryFor(TimeSpan.FromMinutes(1), TimeProvider.System);
            var calls = Enumerable.Range(0, 20).Select(i => redis.CallAsync(RespCommand.Of("ECHO", $"{cut}/{i}"), policy, default).AsTask()).ToArray();
            var replies = await Task.WhenAll(calls);

            Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{cut}/{i}"), replies.Select(r => r.AsText()));
        }

        Assert.True(proxy.Connections > 100);
    }

    [Fact]
    public async Task Cut_at_every_byte_of_the_login_the_client_connects_in_the_end()
    {
        var (login, _, _) = await RecordAsync();
        for (var cut = 0; cut < login.Length; cut++)
        {
            var at = cut;
            using var peer = new FakePeer((number, socket) => ReplayAsync(socket, number == 0 ? login[..at] : login, null, isWhole: number > 0));
            await using var redis = await RedisConnection.ConnectAsync(RedisServer.OptionsFor(peer.Url) with { FirstConnectWithin = TimeSpan.FromMinutes(1) });

            Assert.Equal(2, peer.Connections);
        }
    }

    private static async Task<(byte[] Login, byte[] Replies, string[] Expected)> RecordAsync()
    {
        using var server = new RedisServer();
        using var proxy = new CuttingProxy(server.Port);
        await using var redis = await RedisConnection.ConnectAsync(RedisServer.OptionsFor(proxy.Url));
        var login = proxy.Replies;
        var expected = await RunAsync(redis);
        return (login, proxy.Replies[login.Length..], [.. expected.Select(r => r!)]);
    }

    /// <summary>All of it at once; a reply as text, null where the connection broke.</summary>
    private static async Task<string?[]> RunAsync(RedisConnection redis)
    {
        var calls = Session.Select(c => redis.CallAsync(c).AsTask()).ToArray();
        var replies = new List<string?>();
        foreach (var call in calls)
        {
            try
            {
                replies.Add(RespDecoderTests.Text(await call));
            }
            catch (RedisServerException e)
            {
                replies.Add(e.Code);
            }
            catch (RedisConnectionLostException)
            {
                replies.Add(null);
            }
        }

        return [.. replies];
    }

    private static int CountOf(ReadOnlySpan<byte> replies)
    {
        var decoder = new RespDecoder(RespLimits.Default);
        var count = 0;
        while (decoder.TryRead(ref replies, null, out _))
        {
            count++;
        }

        return count;
    }

    /// <summary>Answers the login; where there are replies, waits for the whole session's commands and answers with them; closes unless it had all.</summary>
    private static async Task ReplayAsync(Socket socket, byte[] login, byte[]? replies, bool isWhole)
    {
        await ReceiveAsync(socket, 2);
        await socket.SendAsync(login);
        if (replies is not null)
        {
            await ReceiveAsync(socket, Session.Length);
            await socket.SendAsync(replies);
        }

        if (isWhole)
        {
            await ReceiveAsync(socket, 1);
        }
    }

    private static async Task ReceiveAsync(Socket socket, int commands)
    {
        var decoder = new RespDecoder(RespLimits.Default);
        var buffer = new byte[4096];
        while (commands > 0)
        {
            var length = await socket.ReceiveAsync(buffer);
            if (length == 0)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }

            commands -= Count(decoder, buffer.AsSpan(0, length));
        }
    }

    private static int Count(RespDecoder decoder, ReadOnlySpan<byte> input)
    {
        var count = 0;
        while (decoder.TryRead(ref input, null, out _))
        {
            count++;
        }

        return count;
    }
}
