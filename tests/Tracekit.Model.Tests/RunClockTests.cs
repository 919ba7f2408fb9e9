namespace Tracekit.Model.Tests;

public sealed class RunClockTests
{
    private readonly SteppedTime _time = new();

    [Fact]
    public void A_step_of_the_wall_clock_moves_no_time_stamp()
    {
        var clock = new RunClock(_time);
        var before = clock.NowMs;

        _time.Utc -= TimeSpan.FromHours(1);
        _time.MonotonicNs += 5_000_000;

        Assert.Equal(before + 5, clock.NowMs);
    }

    [Fact]
    public void It_begins_at_the_wall_clock() => Assert.Equal(1_700_000_000_123, new RunClock(_time).NowMs);

    [Theory]
    [InlineData(1_000_000, 1)]
    [InlineData(1_000_001, 2)]
    [InlineData(1_999_999, 2)]
    [InlineData(0, 0)]
    public void An_end_is_rounded_up(long epochNs, long ms) => Assert.Equal(ms, RunClock.CeilingMs(epochNs));

    [Fact]
    public void A_clock_of_another_frequency_is_converted()
    {
        _time.Frequency = 10_000_000;
        var clock = new RunClock(_time);
        var before = clock.MonotonicNs;

        _time.MonotonicNs += 1_000_000;

        Assert.Equal(1_000_000, clock.MonotonicNs - before);
    }

    private sealed class SteppedTime : TimeProvider
    {
        public DateTimeOffset Utc { get; set; } = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);

        public long MonotonicNs { get; set; } = 77;

        public long Frequency { get; set; } = 1_000_000_000;

        public override long TimestampFrequency => Frequency;

        public override DateTimeOffset GetUtcNow() => Utc;

        public override long GetTimestamp() => (long)((Int128)MonotonicNs * Frequency / 1_000_000_000);
    }
}
