namespace Tracekit.Redis.Tests;

public sealed class RedisWaiterTests : IClassFixture<RedisServer>, IAsyncLifetime
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly RedisServer _server;
    private RedisConnection _redis = null!;
    private RedisWaiter _waiter = null!;

    public RedisWaiterTests(RedisServer server) => _server = server;

    public async Task InitializeAsync()
    {
        _redis = await _server.ConnectAsync();
        _waiter = await RedisWaiter.ConnectAsync(_server.Options, _redis);
        await _redis.CallAsync(RespCommand.Of("FLUSHALL"));
    }

    public async Task DisposeAsync()
    {
        await _waiter.DisposeAsync();
        await _redis.DisposeAsync();
    }

    [Fact]
    public async Task A_wait_ends_with_what_comes()
    {
        var wait = _waiter.WaitAsync(RespCommand.Of("BLPOP", "q", "60"), Minute, default).AsTask();

        await _redis.CallAsync(RespCommand.Of("RPUSH", "q", "task"));

        Assert.Equal("task", (await wait)[1].AsText());
    }

    [Fact]
    public async Task A_wait_whose_time_has_passed_ends_with_nothing() =>
        Assert.True((await _waiter.WaitAsync(RespCommand.Of("BLPOP", "q", "0.01"), TimeSpan.FromSeconds(1), default)).IsNull);

    [Fact]
    public async Task A_cancelled_wait_ends_and_the_connection_waits_on()
    {
        using var cancellation = new CancellationTokenSource();
        var wait = _waiter.WaitAsync(RespCommand.Of("BLPOP", "q", "60"), Minute, cancellation.Token).AsTask();
        await UntilBlockedAsync(1);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        await UntilBlockedAsync(0);
        await _redis.CallAsync(RespCommand.Of("RPUSH", "q", "task"));
        Assert.Equal("task", (await _waiter.WaitAsync(RespCommand.Of("BLPOP", "q", "60"), Minute, default))[1].AsText());
    }

    [Fact]
    public async Task Nothing_is_lost_however_a_push_and_a_cancellation_meet()
    {
        var taken = new List<string>();
        for (var i = 0; i < 300; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var wait = _waiter.WaitAsync(new RespCommand("BLPOP").Add("q").Add("60"), Minute, cancellation.Token).AsTask();
            var push = _redis.CallAsync(new RespCommand("RPUSH").Add("q").Add(i)).AsTask();
            await cancellation.CancelAsync();
            try
            {
                taken.Add((await wait)[1].AsText());
            }
            catch (OperationCanceledException)
            {
            }

            await push;
        }

        var left = await _redis.CallAsync(RespCommand.Of("LRANGE", "q", "0", "-1"));
        Assert.Equal(Enumerable.Range(0, 300), taken.Concat(left.Items.ToArray().Select(v => v.AsText())).Select(int.Parse).Order());
    }

    [Fact]
    public async Task A_wait_outlives_the_command_timeout()
    {
        await using var waiter = await RedisWaiter.ConnectAsync(_server.Options with { CommandTimeout = TimeSpan.FromMilliseconds(100) }, _redis);

        Assert.True((await waiter.WaitAsync(RespCommand.Of("BLPOP", "q", "0.5"), Minute, default)).IsNull);
    }

    [Fact]
    public async Task A_wait_that_cannot_be_unblocked_ends_all_the_same()
    {
        var other = await _server.ConnectAsync();
        await using var waiter = await RedisWaiter.ConnectAsync(_server.Options, other);
        using var cancellation = new CancellationTokenSource();
        var wait = waiter.WaitAsync(RespCommand.Of("BLPOP", "q", "60"), Minute, cancellation.Token).AsTask();
        await UntilBlockedAsync(1);
        await other.DisposeAsync();

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        await UntilBlockedAsync(0);
    }

    [Fact]
    public async Task A_wait_on_a_key_of_another_type_is_an_error()
    {
        await _redis.CallAsync(RespCommand.Of("SET", "text", "x"));

        var e = await Assert.ThrowsAsync<RedisServerException>(async () => await _waiter.WaitAsync(RespCommand.Of("BLPOP", "text", "1"), Minute, default));

        Assert.Equal(RedisErrorCode.WrongType, e.Code);
    }

    private Task UntilBlockedAsync(int clients) => Eventually.Holds(
        async () => (await _redis.CallAsync(RespCommand.Of("INFO", "clients"))).AsText().Contains($"blocked_clients:{clients}", StringComparison.Ordinal));
}
