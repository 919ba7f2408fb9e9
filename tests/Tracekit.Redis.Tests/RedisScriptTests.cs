namespace Tracekit.Redis.Tests;

public sealed class RedisScriptTests(RedisServer server) : IClassFixture<RedisServer>
{
    private static readonly RedisScript Take = new("take", """
        local free = tonumber(redis.call('GET', KEYS[1]) or '0')
        if free < tonumber(ARGV[1]) then return -1 end
        return redis.call('DECRBY', KEYS[1], ARGV[1])
        """);

    [Fact]
    public async Task A_script_that_the_server_does_not_have_is_loaded_and_run()
    {
        await using var redis = await server.ConnectAsync();
        await redis.CallAsync(RespCommand.Of("SCRIPT", "FLUSH"));
        await redis.CallAsync(RespCommand.Of("SET", "free:1", "5"));

        Assert.Equal(3, (await redis.CallAsync(Take.Command(keys: 1).Add("free:1").Add(2))).AsInt64());
        Assert.Equal(-1, (await redis.CallAsync(Take.Command(keys: 1).Add("free:1").Add(4))).AsInt64());
    }

    [Fact]
    public async Task A_pipeline_whose_script_vanishes_runs_every_call_once()
    {
        await using var redis = await server.ConnectAsync();
        var increment = new RedisScript("increment", "return redis.call('INCR', KEYS[1])");
        var calls = new List<Task<RespValue>>();
        for (var i = 0; i < 5000; i++)
        {
            calls.Add(redis.CallAsync(increment.Command(keys: 1).Add("counter")).AsTask());
            if (i % 1000 == 0)
            {
                calls.Add(redis.CallAsync(RespCommand.Of("SCRIPT", "FLUSH")).AsTask());
            }
        }

        var replies = await Task.WhenAll(calls);

        Assert.Equal(Enumerable.Range(1, 5000), replies.Where(r => r.Kind == RespKind.Number).Select(r => r.AsInt32()).Order());
    }

    [Fact]
    public async Task A_script_that_fails_is_told_by_its_name()
    {
        await using var redis = await server.ConnectAsync();
        var broken = new RedisScript("broken", "return redis.call('LPUSH', KEYS[1])");
        var nonsense = new RedisScript("nonsense", "this is no Lua");

        var failed = await Assert.ThrowsAsync<RedisServerException>(async () => await redis.CallAsync(broken.Command(keys: 1).Add("k")));
        var refused = await Assert.ThrowsAsync<RedisServerException>(async () => await redis.CallAsync(nonsense.Command(keys: 0)));

        Assert.StartsWith($"{server.Url}: broken: ERR ", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("user_script", failed.Message + refused.Message, StringComparison.Ordinal);
        Assert.Contains("Error compiling script", refused.Message, StringComparison.Ordinal);
    }
}
