namespace Tracekit.Model.Tests;

public sealed class ClockOffsetTests
{
    [Theory]
    [InlineData(12.4, 0.5, 12)]
    [InlineData(-12.6, 0.5, -13)]
    [InlineData(0.6, 0.5, 1)]
    [InlineData(0.5, 0.5, 0)]
    [InlineData(-0.4, 0.5, 0)]
    [InlineData(99, 100, 0)]
    [InlineData(0, 0, 0)]
    [InlineData(1e300, 0, 0)]
    [InlineData(-1e300, 0, 0)]
    [InlineData(double.NaN, 0, 0)]
    [InlineData(double.PositiveInfinity, 0, 0)]
    [InlineData(50, double.NaN, 0)]
    [InlineData(50, -1, 0)]
    [InlineData(1_795_000_000_000, 0.5, 1_795_000_000_000)]
    public void The_shift_is_the_offset_where_it_is_more_than_its_error(double offsetMs, double errorMs, long shiftMs) =>
        Assert.Equal(shiftMs, new ClockOffset(offsetMs, errorMs).ShiftMs);

    [Theory]
    [InlineData(10, 0.1, 10.2, 5, 10)] // a loaded node: the quick one before it is better
    [InlineData(10, 5, 10.2, 0.1, 10.2)]
    [InlineData(10, 0.1, 500, 5, 500)] // a clock was set
    [InlineData(10, 0.1, 10.05, 0.5, 10.05)] // after a minute 0.1 has become 1
    public void A_measurement_stands_until_a_better_one_or_one_that_contradicts_it(
        double offsetMs, double errorMs, double nextOffsetMs, double nextErrorMs, double believedMs) =>
        Assert.Equal(believedMs, new ClockOffset(offsetMs, errorMs).Then(new ClockOffset(nextOffsetMs, nextErrorMs), 60_000).OffsetMs);

    [Fact]
    public void What_is_written_down_is_to_the_microsecond_and_never_more_certain() =>
        Assert.Equal(new ClockOffset(1.235, 0.101), new ClockOffset(1.23456, 0.1001).Rounded);
}
