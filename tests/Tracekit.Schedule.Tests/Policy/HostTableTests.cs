using FsCheck;
using FsCheck.Fluent;
using Tracekit.Model;

namespace Tracekit.Schedule.Tests.Policy;

public sealed class HostTableTests
{
    private static readonly HostWeigher[] Weighers =
    [
        HostWeigher.FirstFit,
        new(WeigherMetric.Instances, WeigherOrder.Min),
        new(WeigherMetric.Instances, WeigherOrder.Max),
        new(WeigherMetric.Vcpu, WeigherOrder.Min),
        new(WeigherMetric.Vcpu, WeigherOrder.Max),
    ];

    // b has room for 2, a and c for 4; a runs most tasks, c uses most units.
    private static readonly HostState[] Hosts =
    [
        new("c", 12, 4, null, 2),
        new("a", 8, 4, null, 5),
        new("b", 4, 2, null, 1),
    ];

    [Theory]
    [InlineData("", "min", 4, "a")]
    [InlineData("", "max", 4, "a")]
    [InlineData("instances", "min", 4, "c")]
    [InlineData("instances", "max", 4, "a")]
    [InlineData("instances", "min", 2, "b")]
    [InlineData("vcpu", "min", 4, "a")]
    [InlineData("vcpu", "max", 4, "c")]
    [InlineData("vcpu", "min", 1, "b")]
    public void The_weigher_chooses_among_the_hosts_that_fit(string weigher, string order, int cpuUnits, string node)
    {
        var table = new HostTable(Hosts);
        var decision = table.Choose(cpuUnits, HostWeigher.Parse(weigher, order));

        Assert.Equal(PlacementKind.Placed, decision.Kind);
        Assert.Equal(node, table[decision.HostIndex].NodeId);
    }

    [Fact]
    public void Equal_hosts_are_taken_in_ordinal_order_of_their_ids() =>
        Assert.Equal("B", Chosen(new HostTable([new("b", 2, 2, null, 0), new("B", 2, 2, null, 0), new("a", 2, 2, null, 0)]), 1, new(WeigherMetric.Vcpu, WeigherOrder.Max)));

    [Fact]
    public void A_task_that_fits_nowhere_now_is_blocked() =>
        Assert.Equal(new PlacementDecision(PlacementKind.Blocked), new HostTable(Hosts).Choose(5, HostWeigher.FirstFit));

    [Fact]
    public void A_task_larger_than_every_host_never_fits() =>
        Assert.Equal(new PlacementDecision(PlacementKind.NeverFits), new HostTable(Hosts).Choose(13, HostWeigher.FirstFit));

    [Fact]
    public void Without_a_host_a_task_waits_for_one() =>
        Assert.Equal(new PlacementDecision(PlacementKind.Blocked), new HostTable([]).Choose(13, HostWeigher.FirstFit));

    [Fact]
    public void A_host_with_slots_needs_capacity_and_a_free_slot()
    {
        HostState[] hosts = [new("a", 8, 8, 0, 1), new("b", 8, 1, 3, 1), new("c", 8, 2, 1, 1)];

        Assert.Equal(new PlacementDecision(PlacementKind.Placed, 2, TakesSlot: true), new HostTable(hosts).Choose(2, HostWeigher.FirstFit));
    }

    [Fact]
    public void Hosts_whose_slots_are_all_taken_block_the_head() =>
        Assert.Equal(PlacementKind.Blocked, new HostTable([new HostState("a", 8, 7, 0, 1)]).Choose(1, HostWeigher.FirstFit).Kind);

    [Fact]
    public void Lost_slot_tokens_do_not_block_a_host_on_which_nothing_runs() =>
        Assert.Equal(new PlacementDecision(PlacementKind.Placed, 0), new HostTable([new HostState("a", 8, 8, 0, 0)]).Choose(1, HostWeigher.FirstFit));

    [Fact]
    public void A_free_slot_beats_stale_ones() =>
        Assert.Equal(
            new PlacementDecision(PlacementKind.Placed, 1, TakesSlot: true),
            new HostTable([new HostState("a", 8, 8, 0, 0), new HostState("b", 8, 8, 1, 0)]).Choose(1, HostWeigher.FirstFit));

    [Theory]
    [InlineData("cpu", "min", "--weigher 'cpu': use \"\", instances or vcpu")]
    [InlineData("vcpu", "most", "--weigher-order 'most': use min or max")]
    public void An_unknown_weigher_is_refused(string weigher, string order, string message) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => HostWeigher.Parse(weigher, order)).Message);

    [Fact]
    public void Two_hosts_of_one_id_are_refused() =>
        Assert.Throws<ArgumentException>(() => new HostTable([new HostState("a", 1, 1, null, 0), new HostState("a", 2, 2, null, 0)]));

    [Fact]
    public void The_host_chosen_is_feasible_and_no_feasible_one_is_better_also_after_changes()
    {
        var hosts = Host.ListOf().Select(list => list.Select((h, i) => h($"n{i}")).ToArray()).ToArbitrary();
        var changes = (from index in Gen.Choose(0, 1000) from host in Host from units in Gen.Choose(1, 9) from weigher in Gen.Elements(Weighers) select (index, host, units, weigher)).NonEmptyListOf().ToArbitrary();

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(hosts, changes, (all, steps) =>
        {
            var table = new HostTable(all);
            foreach (var (index, host, units, weigher) in steps)
            {
                if (!IsRight(table, units, weigher))
                {
                    return false;
                }

                if (all.Length > 0)
                {
                    var id = table[index % all.Length].NodeId;
                    table[index % all.Length] = host(id);
                }
            }

            return true;
        }));
    }

    [Fact]
    public void Hosts_that_come_and_go_are_found_where_they_stand()
    {
        var table = new HostTable([]);
        foreach (var id in (string[])["m", "z", "a", "Z"])
        {
            table.Insert(~table.IndexOf(id), new HostState(id, 1, 1, null, 0));
        }

        Assert.Equal(["Z", "a", "m", "z"], table.Hosts.ToArray().Select(h => h.NodeId));
        Assert.Equal("Z", Chosen(table, 1, HostWeigher.FirstFit));
        table.RemoveAt(0);
        Assert.Equal("a", Chosen(table, 1, HostWeigher.FirstFit));
    }

    private static readonly Gen<Func<string, HostState>> Host =
        from total in Gen.Choose(1, 8)
        from free in Gen.Choose(0, total)
        from slots in Gen.Elements<int?>(null, 0, 1, 2)
        from running in Gen.Choose(0, 3)
        select (Func<string, HostState>)(id => new HostState(id, total, free, slots, running));

    private static string Chosen(HostTable table, int units, HostWeigher weigher) => table[table.Choose(units, weigher).HostIndex].NodeId;

    // What the policy says, host by host.
    private static bool IsRight(HostTable table, int units, HostWeigher weigher)
    {
        var decision = table.Choose(units, weigher);
        var hosts = table.Hosts.ToArray();
        HostState[] feasible = [.. hosts.Where(h => h.CapacityFree >= units && h.SlotsFree is null or > 0)];
        HostState[] stale = [.. hosts.Where(h => h.CapacityFree >= units && h is { SlotsFree: 0, RunCount: 0 })];
        var candidates = feasible.Length > 0 ? feasible : stale;
        var ordered = weigher.Order == WeigherOrder.Min ? candidates.OrderBy(h => weigher.Measure(h)) : candidates.OrderByDescending(h => weigher.Measure(h));
        var expected = ordered.ThenBy(h => h.NodeId, StringComparer.Ordinal).Select(h => h.NodeId).FirstOrDefault();
        var expectedKind = candidates.Length > 0 ? PlacementKind.Placed
            : hosts.Length > 0 && hosts.All(h => h.CapacityTotal < units) ? PlacementKind.NeverFits
            : PlacementKind.Blocked;
        return decision.Kind == expectedKind && expected == (decision.HostIndex < 0 ? null : hosts[decision.HostIndex].NodeId);
    }
}
