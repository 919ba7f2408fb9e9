using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>What a node offers when it joins.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="CapacityUnits">Its capacity: <see cref="Schedule.CapacityUnits"/>.</param>
/// <param name="Slots">Tasks that may run at once; null for as many as its capacity holds.</param>
/// <param name="LogicalCores">Logical cores that tasks may use (<c>phys:&lt;node&gt;</c>).</param>
/// <param name="AllocationRatio">Capacity units per core (<c>ratio:&lt;node&gt;</c>).</param>
public sealed record NodeRegistration(string NodeId, int CapacityUnits, int? Slots, int LogicalCores, double AllocationRatio = 1);

/// <summary>A task that a node has, until it is completed.</summary>
/// <param name="Id">Number of this dispatch; another one after a return.</param>
/// <param name="Node">The node.</param>
/// <param name="Task">The task.</param>
/// <param name="TakesSlot">True when it holds a concurrency slot.</param>
public readonly record struct DispatchedTask(long Id, string Node, TaskSpec Task, bool TakesSlot)
{
    /// <summary>Cancelled when the task was taken away from this node: its result will not be accepted any more.</summary>
    public CancellationToken TakenBack { get; init; }
}

/// <summary>How a dispatched task ended.</summary>
public enum TaskOutcome
{
    /// <summary>Its program ended with status 0.</summary>
    Succeeded,

    /// <summary>It ended otherwise, or never became a program.</summary>
    Failed,

    /// <summary>It was not started; it goes back to the head of the pending tasks.</summary>
    Returned,
}

/// <summary>What an attempt to dispatch the head came to.</summary>
public enum DispatchOutcome
{
    /// <summary>No task is pending.</summary>
    Empty,

    /// <summary>The head went to a node.</summary>
    Dispatched,

    /// <summary>The head fits no node now.</summary>
    Blocked,

    /// <summary>The head is larger than every node.</summary>
    NeverFits,
}

/// <summary>What an attempt to dispatch the head came to.</summary>
/// <param name="Outcome">What.</param>
/// <param name="Version">State of the queue that this was seen in: see <see cref="IControlPlane.WaitForChangeAsync"/>.</param>
/// <param name="Task">The head, if there is one.</param>
/// <param name="Node">The node it went to.</param>
public readonly record struct DispatchResult(DispatchOutcome Outcome, long Version, TaskSpec? Task = null, string? Node = null);

/// <summary>A node in a <see cref="ControlPlaneSnapshot"/>.</summary>
/// <param name="Host">Its capacity and tasks.</param>
/// <param name="QueueLength">Tasks dispatched to it that it has not taken yet.</param>
public readonly record struct NodeSnapshot(HostState Host, int QueueLength);

/// <summary>The queues at one instant.</summary>
/// <param name="Version">State that this is: see <see cref="IControlPlane.WaitForChangeAsync"/>.</param>
/// <param name="Pending">Tasks that wait for a node.</param>
/// <param name="Succeeded">Tasks that ended well.</param>
/// <param name="Failed">Tasks that ended otherwise.</param>
/// <param name="Nodes">The nodes, in ordinal order of their ids.</param>
public sealed record ControlPlaneSnapshot(long Version, int Pending, long Succeeded, long Failed, IReadOnlyList<NodeSnapshot> Nodes)
{
    /// <summary>Tasks that went to nodes that report no results: nobody will hear how they end.</summary>
    public long HandedOver { get; init; }
}

/// <summary>
/// The control plane: the pending tasks, the queue of every node, and what capacity is taken. Every method is one atomic step: a process may die
/// between two of them and no unit of capacity is lost or given twice.
/// </summary>
public interface IControlPlane
{
    /// <summary>The most tasks that may be pending; a push beyond fails.</summary>
    int MaxPending { get; }

    /// <summary>Puts a task at the tail of the pending ones.</summary>
    /// <exception cref="TracekitException"><see cref="MaxPending"/> is reached; wait with <see cref="WaitForPendingBelowAsync"/> first.</exception>
    ValueTask PushAsync(TaskSpec task, CancellationToken cancellation);

    /// <summary>Sends a task to a node past the scheduler. It takes capacity like any other, below 0 if need be; the node runs it when it has room.</summary>
    /// <exception cref="TracekitException">There is no such node, or its queue is full.</exception>
    ValueTask PushToAsync(string node, TaskSpec task, CancellationToken cancellation);

    /// <summary>Waits until fewer than <paramref name="limit"/> tasks are pending; returns how many are.</summary>
    ValueTask<int> WaitForPendingBelowAsync(int limit, CancellationToken cancellation);

    /// <summary>
    /// Looks at the head of the pending tasks, chooses a host by <see cref="HostTable.Choose"/>, takes capacity and slot, counts it, and moves the task to
    /// the node's queue; or leaves everything as it is. Where a step costs a round trip, it may go on with the next heads: the result is as if they
    /// had been dispatched one by one.
    /// </summary>
    ValueTask<DispatchResult> TryDispatchHeadAsync(HostWeigher weigher, CancellationToken cancellation);

    /// <summary>Waits until the state is another than <paramref name="seenVersion"/>; returns at once if it already is.</summary>
    /// <returns>The version of the state now.</returns>
    ValueTask<long> WaitForChangeAsync(long seenVersion, CancellationToken cancellation);

    /// <summary>Waits for the next task of a node and takes it.</summary>
    /// <exception cref="TracekitException">There is no such node.</exception>
    ValueTask<DispatchedTask> TakeAsync(string node, CancellationToken cancellation);

    /// <summary>Gives back what a task held and counts how it ended.</summary>
    /// <param name="task">The task.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="record">What was recorded of it; null when it never became a program.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>False when this dispatch is not held (any more): it was completed before, or taken from a dead node.</returns>
    ValueTask<bool> CompleteAsync(DispatchedTask task, TaskOutcome outcome, Invocation? record, CancellationToken cancellation);

    /// <summary>Adds a node.</summary>
    /// <exception cref="UsageException">A node of that id is there.</exception>
    ValueTask RegisterAsync(NodeRegistration node, CancellationToken cancellation);

    /// <summary>
    /// Takes a node away. What it has not taken yet goes back to the head of the pending tasks, in order; what it has taken may still be completed.
    /// </summary>
    ValueTask DeregisterAsync(string node, CancellationToken cancellation);

    /// <summary>The queues as they are now.</summary>
    ValueTask<ControlPlaneSnapshot> SnapshotAsync(CancellationToken cancellation);
}
