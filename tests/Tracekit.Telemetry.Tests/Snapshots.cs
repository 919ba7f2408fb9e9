using Tracekit.Collect;

namespace Tracekit.Telemetry.Tests;

/// <summary>Snapshots with known numbers.</summary>
internal static class Snapshots
{
    public const string HostileName = "a\"b\\c\nd {},=#";

    public static CollectorSnapshot Full { get; } = new(
        new CollectorCounts(1000, 3, 2500) { Dropped = 5 },
        new HostReading
        {
            TsMs = 1_700_000_000_200,
            CpuUtilPercent = 37.5,
            MemFreeMb = 1024,
            MemTotalMb = 7961,
            Iface = "eth0",
            RxBytes = 9_007_199_254_740_991,
            TxBytes = 42,
            EnergyJoules = 12.25,
        },
        [
            new ProcessReading(4242, 1, "ffmpeg", 1_700_000_000_123, 1_500_000_000, 250_000_000, 1_753_123_456, 2048, 7),
            new ProcessReading(4243, 4242, HostileName, 1_700_000_001_000, 10_000_000, 0, 9_999_999, 0),
        ]);

    /// <summary>The full one, counting who asks.</summary>
    public static CollectorSnapshot With(ref int asked)
    {
        asked++;
        return Full;
    }

    public static CollectorSnapshot Empty { get; } = new(default, null, []);
}
