using Tracekit.Model;

namespace Tracekit.Schedule.Tests.Queue;

public sealed class ClockOffsetTests
{
    [Theory]
    [InlineData(1000, 1500, 1000, 500, 0)]
    [InlineData(1000, 1500, 1200, 400, 100)]
    [InlineData(1000, 900, 1000, -100, 0)]
    [InlineData(1000, 1000, 3000, -1000, 1000)]
    public void The_offset_is_taken_in_the_middle_of_the_round_trip(long sentMs, long serverMs, long receivedMs, double offsetMs, double errorMs)
    {
        const long Ns = 1_000_000;

        Assert.Equal(new ClockOffset(offsetMs, errorMs), ServerClock.OffsetOf(sentMs * Ns, serverMs * Ns, receivedMs * Ns));
    }
}
