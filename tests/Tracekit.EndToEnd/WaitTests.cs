using Tracekit.Redis;
using Tracekit.Redis.Tests;

namespace Tracekit.EndToEnd;

/// <summary>What <c>tracekit wait</c> waits for, and what it says in the end.</summary>
public sealed class WaitTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1", 1)]
    public async Task Tasks_at_nodes_that_report_no_results_are_told_and_not_waited_for(string failed, int exitCode)
    {
        using var server = new RedisServer();
        await using var redis = await server.ConnectAsync();
        await redis.CallAsync(RespCommand.Of("HSET", "tracekit:dispatch:d", "total", "6", "succeeded", "3", "failed", failed, "handed_over", $"{3 - exitCode}"));

        var ended = _workspace.Tracekit.Run("wait", "d", "--redis", server.Url);

        Assert.True(ended.ExitCode == exitCode, ended.Error);
        Assert.Equal(
            $"3 of 6 tasks succeeded, {failed} failed\n{3 - exitCode} tasks went to nodes that report no results; how they end is not known here\n", ended.Output);
    }
}
