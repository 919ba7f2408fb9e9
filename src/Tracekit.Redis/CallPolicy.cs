namespace Tracekit.Redis;

/// <summary>What to do when the connection breaks under a call.</summary>
/// <param name="RetryUntil">
/// Null: it fails. A time: the command is sent again, over and over, until then, also where it may have been executed already. For commands that may
/// run twice only. What the server refuses for now is sent again either way, but no longer than that.
/// </param>
public readonly record struct CallPolicy(DateTimeOffset? RetryUntil)
{
    /// <summary>Sent once; a broken connection is the caller's to deal with.</summary>
    public static CallPolicy Once => default;

    /// <summary>Sent again for that long from now on.</summary>
    public static CallPolicy RetryFor(TimeSpan time, TimeProvider clock) => new(clock.GetUtcNow() + time);
}
