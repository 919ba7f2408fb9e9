namespace Tracekit.Redis.Tests;

public sealed class LoginTests
{
    private const string Password = "s3cret-p@ss/w:rd";
    private const string Encoded = "s3cret-p%40ss%2Fw%3Ard";

    [Fact]
    public async Task A_password_a_database_and_a_name_are_given_at_the_login()
    {
        using var server = RedisServer.Start("--requirepass", Password);
        await using var redis = await RedisConnection.ConnectAsync(RedisServer.OptionsFor($"redis://:{Encoded}@127.0.0.1:{server.Port}/3") with { ClientName = "me" });

        await redis.CallAsync(RespCommand.Of("SET", "k", "in 3"));

        Assert.Equal("me", (await redis.CallAsync(RespCommand.Of("CLIENT", "GETNAME"))).AsText());
        Assert.Contains("db3:keys=1", (await redis.CallAsync(RespCommand.Of("INFO", "keyspace"))).AsText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ACL_user_may_what_it_is_granted()
    {
        using var server = RedisServer.Start("--requirepass", "admin");
        await using var admin = await RedisConnection.ConnectAsync(RedisServer.OptionsFor($"redis://:admin@127.0.0.1:{server.Port}"));
        await admin.CallAsync(RespCommand.Of("ACL", "SETUSER", "alice", "on", $">{Password}", "~q:*", "+@all", "-flushall"));
        await using var redis = await RedisConnection.ConnectAsync(RedisServer.OptionsFor($"redis://alice:{Encoded}@127.0.0.1:{server.Port}"));

        Assert.Equal("alice", (await redis.CallAsync(RespCommand.Of("ACL", "WHOAMI"))).AsText());
        var e = await Assert.ThrowsAsync<RedisServerException>(async () => await redis.CallAsync(RespCommand.Of("FLUSHALL")));
        Assert.Equal(RedisErrorCode.NoPerm, e.Code);
    }

    [Theory]
    [InlineData("redis://:wrong-s3cret@", "WRONGPASS")]
    [InlineData("redis://nobody:wrong-s3cret@", "WRONGPASS")]
    [InlineData("redis://", "NOAUTH")]
    public async Task A_wrong_login_is_refused_at_once_and_its_password_is_not_told(string login, string code)
    {
        using var server = RedisServer.Start("--requirepass", Password);
        var options = RedisServer.OptionsFor($"{login}127.0.0.1:{server.Port}") with { FirstConnectWithin = TimeSpan.FromHours(1) };

        var e = await Assert.ThrowsAsync<RedisServerException>(() => RedisConnection.ConnectAsync(options));

        Assert.Equal(code, e.Code);
        Assert.DoesNotContain("s3cret", e.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public async Task A_password_for_a_server_without_one_is_refused()
    {
        using var server = new RedisServer();

        var e = await Assert.ThrowsAsync<RedisServerException>(
            () => RedisConnection.ConnectAsync(RedisServer.OptionsFor($"redis://:{Encoded}@127.0.0.1:{server.Port}")));

        Assert.Contains("check user and password", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_refused()
    {
        using var server = new RedisServer();

        var e = await Assert.ThrowsAsync<RedisServerException>(() => RedisConnection.ConnectAsync(RedisServer.OptionsFor($"redis://127.0.0.1:{server.Port}/99")));

        Assert.Contains("/99: SELECT: ERR DB index is out of range", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_with_as_many_clients_as_it_allows_is_tried_again()
    {
        using var server = RedisServer.Start("--maxclients", "1");
        var patient = server.Options with { FirstConnectWithin = TimeSpan.FromMinutes(1) };
        var first = await RedisConnection.ConnectAsync(patient);
        var second = RedisConnection.ConnectAsync(patient);
        var refused = await Assert.ThrowsAsync<RedisConnectException>(() => RedisConnection.ConnectAsync(server.Options));
        await first.DisposeAsync();

        await using var redis = await second;

        Assert.True(redis.IsConnected);

        // It closes at once: where that overtakes its greeting, the reset is all there is to tell.
        Assert.Contains("max number of clients|raise maxclients|during the login".Split('|'), x => refused.Message.Contains(x, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_Unix_socket_is_a_server_too()
    {
        using var server = new RedisServer();
        await using var redis = await RedisConnection.ConnectAsync(RedisServer.OptionsFor($"unix://{server.SocketPath}?db=2"));

        await redis.CallAsync(RespCommand.Of("SET", "k", "v"));

        Assert.Contains("db2:keys=1", (await redis.CallAsync(RespCommand.Of("INFO", "keyspace"))).AsText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_told_with_what_to_do()
    {
        var tcp = await Assert.ThrowsAsync<RedisConnectException>(
            () => RedisConnection.ConnectAsync(RedisServer.OptionsFor($"redis://u:{Encoded}@127.0.0.1:{RedisServer.FreePort()}")));
        var unix = await Assert.ThrowsAsync<RedisConnectException>(() => RedisConnection.ConnectAsync(RedisServer.OptionsFor("unix:///nowhere/redis.sock")));

        Assert.Matches(@"^redis://u:\*\*\*@127\.0\.0\.1:\d+/0: Connection refused.*: start redis-server there", tcp.Message);
        Assert.DoesNotContain("s3cret", tcp.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("unix:///nowhere/redis.sock?db=0: ", unix.Message, StringComparison.Ordinal);
    }
}
