using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Tracekit.Tests;

/// <summary>Waiting for a condition, with a limit.</summary>
internal static class Wait
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Returns when <paramref name="condition"/> holds; fails the test after 30 s.</summary>
    public static void Until(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        var since = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(since.Elapsed < Limit, $"still not so after {Limit.TotalSeconds} s: {text}");
            Thread.Sleep(5);
        }
    }
}
