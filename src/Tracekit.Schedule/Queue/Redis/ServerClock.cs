using System.Globalization;
using Tracekit.Model;
using Tracekit.Redis;

namespace Tracekit.Schedule;

/// <summary>
/// The server's clock as this process knows it: the one clock that dispatchers, workers and schedulers have in common. What is in Redis is
/// on it; on this side of the control plane every time is on the process's own clock.
/// </summary>
/// <param name="redis">The server.</param>
internal sealed class ServerClock(RedisConnection redis)
{
    private const int RoundTrips = 8;
    private const double NsPerMs = RunClock.NsPerMs;

    private readonly Lock _lock = new();
    private (ClockOffset Offset, long AtNs)? _best;
    private long _shiftMs;
    private long _lastMs;

    /// <summary>What is added to a time of this process to have it on the server's clock, in ms; 0 before the first measurement.</summary>
    private long ShiftMs => Volatile.Read(ref _shiftMs);

    /// <summary>
    /// Asks the server for its time (TIME) a few times, and believes the quickest answer (Cristian 1989); then the better of this
    /// measurement and those before it. One caller at a time.
    /// </summary>
    public async Task<ClockOffset> MeasureAsync(RunClock clock, CancellationToken cancellation)
    {
        ClockOffset? quickest = null;
        for (var i = 0; i < RoundTrips; i++)
        {
            var sentNs = clock.NowNs;
            var time = await redis.CallAsync(RespCommand.Of("TIME"), cancellation);
            var one = OffsetOf(sentNs, ServerNs(time), clock.NowNs);
            quickest = one.ErrorMs < quickest?.ErrorMs || quickest is null ? one : quickest;
        }

        var nowNs = clock.NowNs;

        // As it will be written down, so that whoever reads it later shifts by the very same number.
        var offset = (_best is { } best ? best.Offset.Then(quickest!.Value, (nowNs - best.AtNs) / NsPerMs) : quickest!.Value).Rounded;
        _best = (offset, nowNs);
        Volatile.Write(ref _shiftMs, offset.ShiftMs);
        return offset;
    }

    /// <summary>A time of this process on the server's clock, in ms.</summary>
    public long? ToServerMs(long? localMs) => localMs + ShiftMs;

    /// <summary>
    /// A time on the server's clock on this process's own, in ms. Anything may stand in Redis: what is no time comes back as it is, for
    /// others to refuse, and a time before 1970 becomes 0.
    /// </summary>
    public long? ToLocalMs(long? serverMs) => serverMs is >= 0 and <= RunClock.LatestMs ? Math.Max(0, serverMs.Value - ShiftMs) : serverMs;

    /// <summary>
    /// Enqueue times of one dispatch on the server's clock, in ms, each later than the one before: where a better measurement puts the clock
    /// back they count on.
    /// </summary>
    public long? NextEnqueueMs(long? localMs)
    {
        if (localMs is null)
        {
            return null;
        }

        lock (_lock)
        {
            return _lastMs = Math.Max(localMs.Value + ShiftMs, _lastMs + 1);
        }
    }

    /// <summary>The offset that one round trip tells, with times in ns since the Unix epoch.</summary>
    internal static ClockOffset OffsetOf(long sentNs, long serverNs, long receivedNs) =>
        new((serverNs - sentNs - ((receivedNs - sentNs) / 2.0)) / NsPerMs, (receivedNs - sentNs) / 2.0 / NsPerMs);

    private static long ServerNs(RespValue time) =>
        (long.Parse(time[0].AsText(), CultureInfo.InvariantCulture) * 1_000_000_000) + (long.Parse(time[1].AsText(), CultureInfo.InvariantCulture) * 1000);
}
