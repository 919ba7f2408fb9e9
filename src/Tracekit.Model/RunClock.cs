namespace Tracekit.Model;

/// <summary>
/// Wall-clock times that never go back: the wall clock is read once, and from there on the monotonic clock counts. A step of the system
/// clock in the middle of a run therefore moves no time stamp of this process.
/// </summary>
public sealed class RunClock
{
    /// <summary>Nanoseconds in a millisecond.</summary>
    public const long NsPerMs = 1_000_000;

    /// <summary>The latest time that counts as one: the year 2100, in ms since the Unix epoch.</summary>
    public const long LatestMs = 4_102_444_800_000;

    private const int AnchorAttempts = 5;
    private const long NsPerSecond = 1_000_000_000;

    private readonly TimeProvider _time;

    // On Linux the runtime's time stamps are nanoseconds already; the sampler reads the clock too often to divide each time.
    private readonly bool _countsNs;
    private readonly long _epochMinusMonotonicNs;

    /// <summary>Anchors the clock to the wall clock of <paramref name="time"/> as it stands now.</summary>
    public RunClock(TimeProvider time)
    {
        _time = time;
        _countsNs = time.TimestampFrequency == NsPerSecond;
        var best = long.MaxValue;
        for (var attempt = 0; attempt < AnchorAttempts; attempt++)
        {
            // Two clocks cannot be read at once. A reading that nothing came between is the one to keep.
            var before = MonotonicNs;
            var epochNs = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
            var after = MonotonicNs;
            if (after - before < best)
            {
                best = after - before;
                _epochMinusMonotonicNs = epochNs - before - (best / 2);
            }
        }
    }

    /// <summary>CLOCK_MONOTONIC in ns.</summary>
    public long MonotonicNs => _countsNs ? _time.GetTimestamp() : (long)((Int128)_time.GetTimestamp() * NsPerSecond / _time.TimestampFrequency);

    /// <summary>Nanoseconds since the Unix epoch.</summary>
    public long NowNs => ToEpochNs(MonotonicNs);

    /// <summary>Milliseconds since the Unix epoch, rounded down.</summary>
    public long NowMs => NowNs / NsPerMs;

    /// <summary>A reading of CLOCK_MONOTONIC as nanoseconds since the Unix epoch.</summary>
    public long ToEpochNs(long monotonicNs) => monotonicNs + _epochMinusMonotonicNs;

    /// <summary>Nanoseconds since the epoch as the first whole millisecond at or after them.</summary>
    public static long CeilingMs(long epochNs) => (epochNs + NsPerMs - 1) / NsPerMs;
}
