using Tracekit.Model;

namespace Tracekit.Collect;

/// <summary>
/// Moments that are a fixed interval apart and lie on whole multiples of it since the Unix epoch, so that a tick's millisecond stamp is its
/// time and not a rounding of it. The schedule never drifts: a late tick does not move the next one, and ticks that were missed are counted,
/// not made up for.
/// </summary>
public sealed class TickSchedule
{
    private readonly long _intervalNs;
    private long _nextNs;

    /// <summary>A schedule whose first tick is the first multiple of <paramref name="interval"/> after <paramref name="nowEpochNs"/>.</summary>
    public TickSchedule(TimeSpan interval, long nowEpochNs)
    {
        _intervalNs = interval.Ticks * 100;
        _nextNs = ((nowEpochNs / _intervalNs) + 1) * _intervalNs;
    }

    /// <summary>Ticks whose time passed while another was still being served.</summary>
    public long MissedCount { get; private set; }

    /// <summary>How long until the next tick, in ns; 0 or less when it is due.</summary>
    public long RemainingNs(long nowEpochNs) => _nextNs - nowEpochNs;

    /// <summary>True, once, when a tick is due.</summary>
    public bool IsDue(long nowEpochNs)
    {
        if (nowEpochNs < _nextNs)
        {
            return false;
        }

        var passed = (nowEpochNs - _nextNs) / _intervalNs;
        MissedCount += passed;
        _nextNs += (passed + 1) * _intervalNs;
        return true;
    }
}
