using System.Globalization;
using Tracekit.Model;
using Tracekit.Redis;

namespace Tracekit.Schedule;

/// <summary>How a clock stands to the server's.</summary>
/// <param name="OffsetMs">By how much the server's is ahead, in ms.</param>
/// <param name="ErrorMs">The true offset is at most this far from it: half the round trip.</param>
public readonly record struct ClockOffset(double OffsetMs, double ErrorMs)
{
    private const int RoundTrips = 8;
    private const double NsPerMs = RunClock.NsPerMs;

    /// <summary>Asks the server for its time (TIME) a few times, and believes the quickest answer (Cristian 1989).</summary>
    public static async Task<ClockOffset> EstimateAsync(RedisConnection redis, RunClock clock, CancellationToken cancellation)
    {
        var best = new ClockOffset(0, double.MaxValue);
        for (var i = 0; i < RoundTrips; i++)
        {
            var sentNs = clock.NowNs;
            var time = await redis.CallAsync(RespCommand.Of("TIME"), cancellation);
            var one = Of(sentNs, ServerNs(time), clock.NowNs);
            best = one.ErrorMs < best.ErrorMs ? one : best;
        }

        return best;
    }

    /// <summary>The offset that one round trip tells, with times in ns since the Unix epoch.</summary>
    internal static ClockOffset Of(long sentNs, long serverNs, long receivedNs) =>
        new((serverNs - sentNs - ((receivedNs - sentNs) / 2.0)) / NsPerMs, (receivedNs - sentNs) / 2.0 / NsPerMs);

    private static long ServerNs(RespValue time) =>
        (long.Parse(time[0].AsText(), CultureInfo.InvariantCulture) * 1_000_000_000) + (long.Parse(time[1].AsText(), CultureInfo.InvariantCulture) * 1000);
}
