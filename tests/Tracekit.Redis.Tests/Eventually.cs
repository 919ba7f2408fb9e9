namespace Tracekit.Redis.Tests;

/// <summary>Waiting for a condition, with a limit, without keeping a thread from the tests beside this one.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Returns when <paramref name="condition"/> holds; fails the test after 30 s.</summary>
    public static Task Holds(Func<bool> condition) => Holds(() => Task.FromResult(condition()));

    /// <summary>Returns when <paramref name="condition"/> holds; fails the test after 30 s.</summary>
    public static async Task Holds(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!await condition())
        {
            await Task.Delay(2, limit.Token);
        }
    }
}
