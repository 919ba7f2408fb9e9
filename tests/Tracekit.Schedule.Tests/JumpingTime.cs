namespace Tracekit.Schedule.Tests;

/// <summary>Time that stands still until somebody waits, and then jumps to the end of the wait: tests take no time and are the same every time.</summary>
internal sealed class JumpingTime : TimeProvider
{
    public const long StartMs = 1_795_227_469_000;

    private long _ms = StartMs;

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => Interlocked.Read(ref _ms);

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Add(ref _ms, (long)Math.Max(0, dueTime.TotalMilliseconds));
        callback(state);
        return new Fired();
    }

    private sealed class Fired : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => false;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
