using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>
/// Gives out enqueue times: ms since the epoch, each later than the one before, and none in the future. A push that would come in the same
/// millisecond as the last waits for the next one, because a time that is made up by counting on would let a task start before it was submitted. So a
/// dispatch pushes at most 1000 tasks a second.
/// </summary>
/// <param name="clock">Tells the time.</param>
/// <param name="time">Waits.</param>
internal sealed class EnqueueClock(RunClock clock, TimeProvider time)
{
    private static readonly TimeSpan OneMs = TimeSpan.FromMilliseconds(1);

    private long _lastMs;

    /// <summary>The next enqueue time.</summary>
    public async ValueTask<long> NextMsAsync(CancellationToken cancellation)
    {
        var nowMs = clock.NowMs;
        while (nowMs <= _lastMs)
        {
            await Task.Delay(OneMs, time, cancellation);
            nowMs = clock.NowMs;
        }

        _lastMs = nowMs;
        return nowMs;
    }
}
