using System.Collections.Concurrent;

namespace Tracekit.Redis.Tests;

/// <summary>Time in which every delay of a second or more that happens once is over at once, and written down.</summary>
internal sealed class HurriedTime(ConcurrentQueue<TimeSpan> delays) : TimeProvider
{
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        // Time limits are 20 s and 30 s in these tests, and are no delays.
        if (period != Timeout.InfiniteTimeSpan || dueTime < TimeSpan.FromMilliseconds(500) || dueTime == TimeSpan.FromSeconds(20) || dueTime == TimeSpan.FromSeconds(30))
        {
            return base.CreateTimer(callback, state, dueTime, period);
        }

        delays.Enqueue(dueTime);
        return base.CreateTimer(callback, state, TimeSpan.FromMilliseconds(1), period);
    }
}
