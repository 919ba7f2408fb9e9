using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>How a dispatch orders its tasks and, where it has nodes, chooses among them (<c>--policy</c>).</summary>
public enum DispatchPolicy
{
    /// <summary><c>rr3</c>: as made, nodes in turn.</summary>
    RoundRobin,

    /// <summary><c>duration-greedy</c>: longest input first, each to the node with the least duration so far (LPT).</summary>
    DurationGreedy,

    /// <summary><c>duration-online</c>: longest input first, the node chosen when the task is pushed, by its backlog then.</summary>
    DurationOnline,
}

/// <summary>A task and the node that it goes to.</summary>
/// <param name="Task">The task.</param>
/// <param name="Node">The node.</param>
public readonly record struct NodeAssignment(TaskSpec Task, string Node);

/// <summary>What <c>duration-online</c> knows of a node.</summary>
/// <param name="Node">The node.</param>
/// <param name="QueueLength">Tasks that wait in its queue.</param>
/// <param name="AssignedS">Duration of all inputs sent to it so far, in seconds.</param>
public readonly record struct NodeBacklog(string Node, int QueueLength, double AssignedS);

/// <summary>The older tool's dispatch policies, pure.</summary>
public static class DispatchOrder
{
    /// <summary>The largest queue of a node that <c>duration-online</c> still adds to, when no flag says otherwise.</summary>
    public const int DefaultBacklogLimit = 2;

    /// <summary>Reads <c>--policy</c>.</summary>
    /// <exception cref="UsageException">There is no such policy.</exception>
    public static DispatchPolicy Parse(string name) => name switch
    {
        "rr3" => DispatchPolicy.RoundRobin,
        "duration-greedy" => DispatchPolicy.DurationGreedy,
        "duration-online" => DispatchPolicy.DurationOnline,
        _ => throw new UsageException($"--policy '{Printable.Line(name)}': use rr3, duration-greedy or duration-online"),
    };

    /// <summary>True when the policy needs the inputs' durations.</summary>
    public static bool NeedsDurations(DispatchPolicy policy) => policy != DispatchPolicy.RoundRobin;

    /// <summary>
    /// The tasks in the order of their push: as made, or the longest input first. An unknown duration counts as 0 and so comes last; ties stay as made.
    /// </summary>
    public static IReadOnlyList<TaskSpec> Order(DispatchPolicy policy, IReadOnlyList<TaskSpec> tasks) =>
        NeedsDurations(policy) ? [.. tasks.OrderByDescending(t => t.DurationS ?? 0)] : tasks;

    /// <summary>Nodes in turn: task <c>i</c> goes to node <c>i mod n</c>.</summary>
    public static IReadOnlyList<NodeAssignment> RoundRobin(IReadOnlyList<TaskSpec> tasks, IReadOnlyList<string> nodes) =>
        [.. tasks.Select((task, i) => new NodeAssignment(task, nodes[i % nodes.Count]))];

    /// <summary>
    /// Longest processing time first (Graham 1969): each task, longest first, to the node with the least duration so far; ties go to the node given
    /// first.
    /// </summary>
    public static IReadOnlyList<NodeAssignment> Greedy(IReadOnlyList<TaskSpec> tasks, IReadOnlyList<string> nodes)
    {
        var assignedS = new double[nodes.Count];
        return [.. Order(DispatchPolicy.DurationGreedy, tasks).Select(task =>
        {
            var least = Array.IndexOf(assignedS, assignedS.Min());
            assignedS[least] += task.DurationS ?? 0;
            return new NodeAssignment(task, nodes[least]);
        })];
    }

    /// <summary>
    /// The node for the next task: of those with at most <paramref name="backlogLimit"/> tasks waiting the one with the fewest, then with the least
    /// duration so far, then the one given first. Null when every queue is longer: the task has to wait.
    /// </summary>
    public static string? Online(IReadOnlyList<NodeBacklog> nodes, int backlogLimit) => nodes
        .Where(n => n.QueueLength <= backlogLimit)
        .OrderBy(n => n.QueueLength)
        .ThenBy(n => n.AssignedS)
        .Select(n => n.Node)
        .FirstOrDefault();
}
