namespace Tracekit.Redis.Tests;

public sealed class BackOffTests
{
    private static readonly BackOff Delays = new(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(5));

    [Theory]
    [InlineData(0, 50)]
    [InlineData(1, 100)]
    [InlineData(6, 3200)]
    [InlineData(7, 5000)]
    [InlineData(1_000_000, 5000)]
    public void Delays_double_up_to_the_longest(int failed, double expectedMs) =>
        Assert.Equal(expectedMs, Delays.DelayAfter(failed, 0).TotalMilliseconds);

    [Fact]
    public void Chance_takes_half_of_a_delay_at_most() => Assert.Equal(25, Delays.DelayAfter(0, 1).TotalMilliseconds);
}
