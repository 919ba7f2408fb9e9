using FsCheck;
using FsCheck.Fluent;

namespace Tracekit.Schedule.Tests.Policy;

public sealed class TaskSharesTests
{
    // Tasks as "units" or "units<maximum"; quotas in thousandths of a core, - for none.
    [Theory]
    [InlineData(2, "1 2 4", "286 571 1143")]
    [InlineData(2, "1 2", "667 1333")]
    [InlineData(2, "1", "-")]
    [InlineData(2, "1 2 4<0.5", "500 1000 500")]
    [InlineData(4, "1 1", "2000 2000")]
    [InlineData(2, "1<0.5", "500")]
    [InlineData(2, "4<8", "2000")]
    [InlineData(2, "1<0.5 1<0.25", "500 250")]
    [InlineData(8, "1<1 1 2", "1000 2333 4667")]
    [InlineData(0.5, "1 3", "125 375")]
    [InlineData(2, "", "")]
    public void Running_tasks_share_the_node_by_their_units(double cores, string tasks, string quotas)
    {
        TaskDemand[] demands = [.. tasks.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Demand)];

        var shares = TaskShares.Quotas(cores, demands);

        Assert.Equal(quotas, string.Join(' ', shares.Select(s => s is { } share ? $"{Math.Round(share * 1000)}" : "-")));
    }

    [Fact]
    public void A_task_that_ends_leaves_nobody_with_less()
    {
        var demand = from units in Gen.Choose(1, 8)
                     from max in Gen.Choose(0, 16)
                     select new TaskDemand(units, max == 0 ? null : max / 4.0);
        var tasks = demand.NonEmptyListOf().Select(d => d.ToArray()).ToArbitrary();

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(tasks, Gen.Choose(1, 64).ToArbitrary(), (all, cores) =>
        {
            var before = TaskShares.Quotas(cores, all);
            var after = TaskShares.Quotas(cores, all[1..]);
            return after.Zip(before.Skip(1), (now, then) => (now ?? cores) >= (then ?? cores) - 1e-9).All(ok => ok);
        }));
    }

    private static TaskDemand Demand(string text) => text.Split('<') is [var units, var max]
        ? new TaskDemand(double.Parse(units), double.Parse(max))
        : new TaskDemand(double.Parse(text), null);
}
