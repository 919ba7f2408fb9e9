using Tracekit.Model;

namespace Tracekit.Schedule.Tests.Policy;

public sealed class DispatchOrderTests
{
    private static readonly TaskSpec[] Tasks =
    [
        Sample.Task(0, durationS: 3), Sample.Task(1), Sample.Task(2, durationS: 7), Sample.Task(3, durationS: 5), Sample.Task(4, durationS: 5), Sample.Task(5),
    ];

    [Fact]
    public void Round_robin_leaves_the_order_and_takes_the_nodes_in_turn()
    {
        Assert.Same(Tasks, DispatchOrder.Order(DispatchPolicy.RoundRobin, Tasks));
        Assert.Equal("0a 1b 2a 3b 4a 5b", Describe(DispatchOrder.RoundRobin(Tasks, ["a", "b"])));
    }

    [Theory]
    [InlineData(DispatchPolicy.DurationGreedy)]
    [InlineData(DispatchPolicy.DurationOnline)]
    public void The_longest_input_comes_first_and_unknown_ones_last(DispatchPolicy policy) =>
        Assert.Equal([2L, 3, 4, 0, 1, 5], DispatchOrder.Order(policy, Tasks).Select(t => t.Seq!.Value));

    [Fact]
    public void Greedy_gives_each_task_to_the_node_with_the_least_duration() =>
        Assert.Equal("2a 3b 4b 0a 1a 5a", Describe(DispatchOrder.Greedy(Tasks, ["a", "b"])));

    [Fact]
    public void Online_takes_the_shortest_queue_then_the_least_duration_then_the_first()
    {
        Assert.Equal("b", DispatchOrder.Online([new("a", 1, 0), new("b", 0, 90)], 2));
        Assert.Equal("b", DispatchOrder.Online([new("a", 1, 9), new("b", 1, 8)], 2));
        Assert.Equal("a", DispatchOrder.Online([new("a", 1, 8), new("b", 1, 8)], 2));
    }

    [Fact]
    public void Online_waits_while_every_queue_is_beyond_the_limit()
    {
        Assert.Null(DispatchOrder.Online([new("a", 3, 0), new("b", 4, 0)], 2));
        Assert.Equal("a", DispatchOrder.Online([new("a", 2, 0), new("b", 4, 0)], 2));
    }

    [Fact]
    public void Policies_have_the_names_of_the_older_tool()
    {
        Assert.Equal(
            [DispatchPolicy.RoundRobin, DispatchPolicy.DurationGreedy, DispatchPolicy.DurationOnline],
            new[] { "rr3", "duration-greedy", "duration-online" }.Select(DispatchOrder.Parse));
        Assert.Equal("--policy 'lpt': use rr3, duration-greedy or duration-online", Assert.Throws<UsageException>(() => DispatchOrder.Parse("lpt")).Message);
    }

    private static string Describe(IEnumerable<NodeAssignment> assignments) => string.Join(' ', assignments.Select(a => $"{a.Task.Seq}{a.Node}"));
}
