namespace Tracekit.Model;

/// <summary>
/// How a node's clock stands to the reference clock of its run, which is the Redis server's. Whether a time is shifted by it, and by how
/// much, is decided in <see cref="ShiftMs"/> and nowhere else.
/// </summary>
/// <param name="OffsetMs">By how much the reference clock is ahead of the node's, in ms.</param>
/// <param name="ErrorMs">The true offset is at most this far from it, in ms.</param>
public readonly record struct ClockOffset(double OffsetMs, double ErrorMs)
{
    /// <summary>
    /// How far two clocks may drift apart unseen, as a share of the time that passes: PHI of RFC 5905, 15 parts in a million.
    /// </summary>
    public const double DriftTolerance = 15e-6;

    private const double UsPerMs = 1000;

    /// <summary>
    /// False for numbers that no measurement gives: not finite, an error below 0, or further off than clocks that count from the epoch can
    /// be. (A node that booted without a battery-backed clock is in 1970, so years are possible.)
    /// </summary>
    // Written so that NaN is not usable.
    public bool IsUsable => Math.Abs(OffsetMs) <= RunClock.LatestMs && ErrorMs is >= 0 and <= RunClock.LatestMs;

    /// <summary>
    /// What is added to a time of the node's clock to have it on the reference clock, in whole ms. 0 where the offset is not larger than its
    /// error: there it may be noise, and a run on one machine shall not be shifted by noise.
    /// </summary>
    public long ShiftMs => IsUsable && Math.Abs(OffsetMs) > ErrorMs ? (long)Math.Round(OffsetMs) : 0;

    /// <summary>To the microsecond, as it is written down; the error is rounded up.</summary>
    public ClockOffset Rounded => new(Math.Round(OffsetMs * UsPerMs) / UsPerMs, Math.Ceiling(ErrorMs * UsPerMs) / UsPerMs);

    /// <summary>
    /// The offset to believe after another measurement: the one with the smaller error, where the error of this one has grown with its age.
    /// One long round trip, as a loaded node has them, then does not undo a good measurement. Where the two contradict each other a clock
    /// was set, and the later one counts (the clock filter of RFC 5905, section 10, with two stages).
    /// </summary>
    /// <param name="next">The later measurement.</param>
    /// <param name="sinceMs">Time from this one to it, in ms.</param>
    public ClockOffset Then(ClockOffset next, double sinceMs)
    {
        var aged = this with { ErrorMs = ErrorMs + (sinceMs * DriftTolerance) };
        var agree = Math.Abs(next.OffsetMs - aged.OffsetMs) <= next.ErrorMs + aged.ErrorMs;
        return agree && aged.ErrorMs < next.ErrorMs ? aged : next;
    }
}
