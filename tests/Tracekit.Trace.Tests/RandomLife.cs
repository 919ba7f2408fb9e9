namespace Tracekit.Trace.Tests;

/// <summary>A process as the launcher and the collector would have recorded it, from a random source.</summary>
internal sealed record RandomLife(int Pid, long StartMs, long EndMs, long OwnNs, long ChildrenNs, IReadOnlyList<ProcessSample> Samples)
{
    private const long Ms = 1_000_000;
    private const long TickNs = 10 * Ms;

    /// <summary>All CPU time.</summary>
    public long CpuNs => OwnNs + ChildrenNs;

    /// <summary>
    /// Start, ticks about every 200 ms, exit. Some ticks lack nanoseconds, children's CPU shows in whole ticks that may be rounded up, and ticks may fall
    /// into the millisecond of start or exit.
    /// </summary>
    public static RandomLife Make(Random random, int pid, long startMs, int cores = 4)
    {
        var samples = new List<ProcessSample> { new(startMs, pid, 0, 0, 0, 0, 0, SampleKind.Start) };
        var hasChildren = random.Next(3) == 0;
        var losesNs = random.Next(4) == 0;
        long ownNs = 0;
        long childrenNs = 0;
        var now = startMs;
        for (var ticks = random.Next(30); ticks > 0; ticks--)
        {
            var dtMs = random.Next(20) == 0 && now > startMs ? 1 : random.Next(20) == 0 && now == startMs ? 0 : random.Next(1, 400);
            now += dtMs;
            ownNs += random.NextInt64((dtMs * Ms * cores / 2) + 1);
            childrenNs += hasChildren && random.Next(5) == 0 ? random.NextInt64((now - startMs) * Ms) / 4 : 0;
            var shownChildren = Math.Min(childrenNs / TickNs * TickNs + (random.Next(2) * TickNs), childrenNs + TickNs - 1) / TickNs * TickNs;
            var exactTick = !losesNs || random.Next(2) == 0;
            samples.Add(new ProcessSample(now, pid, random.Next(100_000), ownNs / TickNs, 0, exactTick ? ownNs : -1, shownChildren));
        }

        var endMs = now + (random.Next(5) == 0 && now > startMs ? 0 : random.Next(1, 300));
        ownNs += random.NextInt64(((endMs - now) * Ms) + 1);
        samples.Add(new ProcessSample(endMs, pid, 200_000, ownNs / TickNs, 0, ownNs, childrenNs, SampleKind.Exit));
        return new RandomLife(pid, startMs, endMs, ownNs, childrenNs, samples);
    }
}
