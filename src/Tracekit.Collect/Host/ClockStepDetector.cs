using Tracekit.Model;

namespace Tracekit.Collect.Host;

/// <summary>
/// Notices steps of the wall clock: what it is ahead of the monotonic clock changes. Slewing (NTP, adjtime(3)) moves both alike, so nothing but a step, a leap
/// second or a suspension of the machine shows here, and small ones add up.
/// </summary>
public sealed class ClockStepDetector
{
    /// <summary>What is reported as a step, in ms; below that are the kernel's own corrections.</summary>
    public const double LeastStepMs = 1;

    private const int Attempts = 3;
    private const long SteadyNs = 100_000;

    private readonly TimeProvider _time;
    private long _aheadNs;

    /// <summary>Begins to watch.</summary>
    public ClockStepDetector(TimeProvider time)
    {
        _time = time;
        _aheadNs = Read().AheadNs;
    }

    /// <summary>By how much the wall clock has jumped since the last step that was noticed, in ms, below 0 for back; null when it has not.</summary>
    public double? Look()
    {
        var (aheadNs, uncertainNs) = Read();
        var stepNs = aheadNs - _aheadNs;
        if (Math.Abs(stepNs) <= (LeastStepMs * RunClock.NsPerMs) + uncertainNs)
        {
            return null;
        }

        _aheadNs = aheadNs;
        return stepNs / (double)RunClock.NsPerMs;
    }

    // Two clocks cannot be read at once: the reading with the least between is kept, and what was between is its uncertainty.
    private (long AheadNs, long UncertainNs) Read()
    {
        var best = (AheadNs: 0L, UncertainNs: long.MaxValue);
        for (var attempt = 0; attempt < Attempts && best.UncertainNs > SteadyNs; attempt++)
        {
            var before = MonotonicNs();
            var wallNs = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
            var between = MonotonicNs() - before;
            best = between < best.UncertainNs ? (wallNs - before - (between / 2), between) : best;
        }

        return best;
    }

    private long MonotonicNs() => (long)((Int128)_time.GetTimestamp() * 1_000_000_000 / _time.TimestampFrequency);
}
