namespace Tracekit.Redis;

/// <summary>Delays that double up to a limit, each shortened by up to a half at random, so that many clients do not come back at the same instant.</summary>
/// <param name="First">The delay before the first further attempt.</param>
/// <param name="Max">The longest delay.</param>
public readonly record struct BackOff(TimeSpan First, TimeSpan Max)
{
    /// <summary>From 50 ms to 5 s.</summary>
    public static BackOff Default { get; } = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5));

    /// <summary>The delay before a further attempt.</summary>
    /// <param name="failed">Attempts that failed before it in a row, from 0.</param>
    /// <param name="random">From 0 to 1.</param>
    public TimeSpan DelayAfter(int failed, double random)
    {
        var whole = Math.Min(Max.Ticks, First.Ticks * Math.Pow(2, Math.Min(failed, 40)));
        return new TimeSpan((long)(whole * (1 - (random / 2))));
    }
}
