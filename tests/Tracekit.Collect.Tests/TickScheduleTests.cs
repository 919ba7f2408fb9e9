namespace Tracekit.Collect.Tests;

public sealed class TickScheduleTests
{
    private const long Ms = 1_000_000;

    [Fact]
    public void Ticks_lie_on_whole_multiples_of_the_interval()
    {
        var schedule = new TickSchedule(TimeSpan.FromMilliseconds(200), (1000 * Ms) + 1);

        Assert.Equal((200 * Ms) - 1, schedule.RemainingNs((1000 * Ms) + 1));
        Assert.False(schedule.IsDue((1200 * Ms) - 1));
        Assert.True(schedule.IsDue(1200 * Ms));
        Assert.False(schedule.IsDue(1200 * Ms));
    }

    [Fact]
    public void A_late_tick_does_not_move_the_next()
    {
        var schedule = new TickSchedule(TimeSpan.FromMilliseconds(100), 0);

        Assert.True(schedule.IsDue(150 * Ms));

        Assert.Equal(50 * Ms, schedule.RemainingNs(150 * Ms));
        Assert.Equal(0, schedule.MissedCount);
    }

    [Fact]
    public void Missed_ticks_are_counted_and_not_made_up_for()
    {
        var schedule = new TickSchedule(TimeSpan.FromMilliseconds(100), 0);

        Assert.True(schedule.IsDue(450 * Ms));

        Assert.Equal(3, schedule.MissedCount);
        Assert.False(schedule.IsDue(450 * Ms));
        Assert.Equal(50 * Ms, schedule.RemainingNs(450 * Ms));
    }
}
