using System.Diagnostics;
using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>
/// The control plane of a run in one process. One lock makes every method an atomic step; waiting costs nothing until something changes. Dispatch,
/// take and completion allocate nothing while nobody waits.
/// </summary>
public sealed class InProcessControlPlane : IControlPlane
{
    /// <summary>The most pending tasks when nothing else is said.</summary>
    public const int DefaultMaxPending = 100_000;

    /// <summary>The most nodes.</summary>
    public const int MaxNodes = 1000;

    private readonly Lock _lock = new();
    private readonly TaskDeque<TaskSpec> _pending = new();
    private readonly Dictionary<long, Held> _held = [];

    // The same order in both: that of the node ids.
    private readonly HostTable _hosts = new([]);
    private Node[] _nodes = [];

    private TaskCompletionSource? _changed;
    private long _version;
    private long _lastId;
    private long _succeeded;
    private long _failed;

    /// <summary>No task and no node.</summary>
    /// <param name="maxPending">See <see cref="MaxPending"/>; also the limit of a node's queue for what is sent past the scheduler.</param>
    public InProcessControlPlane(int maxPending = DefaultMaxPending)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPending, 1);
        MaxPending = maxPending;
    }

    /// <inheritdoc/>
    public int MaxPending { get; }

    /// <inheritdoc/>
    public ValueTask PushAsync(TaskSpec task, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(task.CpuUnits, 1);
        lock (_lock)
        {
            if (_pending.Count >= MaxPending)
            {
                throw new TracekitException($"{_pending.Count} tasks are pending, which is the limit: wait until there is room");
            }

            _pending.AddLast(task);
            Changed();
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask PushToAsync(string node, TaskSpec task, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(task.CpuUnits, 1);
        lock (_lock)
        {
            var index = IndexOf(node);
            if (_nodes[index].Queue.Count >= MaxPending)
            {
                throw new TracekitException($"{_nodes[index].Queue.Count} tasks wait for node {node}, which is the limit: wait until there is room");
            }

            Dispatch(index, task, takesSlot: _hosts[index].SlotsFree is not null);
            Changed();
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask<int> WaitForPendingBelowAsync(int limit, CancellationToken cancellation)
    {
        while (true)
        {
            long version;
            lock (_lock)
            {
                if (_pending.Count < limit)
                {
                    return _pending.Count;
                }

                version = _version;
            }

            await WaitForChangeAsync(version, cancellation);
        }
    }

    /// <inheritdoc/>
    public ValueTask<DispatchResult> TryDispatchHeadAsync(HostWeigher weigher, CancellationToken cancellation)
    {
        lock (_lock)
        {
            return ValueTask.FromResult(TryDispatchHead(weigher));
        }
    }

    /// <inheritdoc/>
    public async ValueTask<long> WaitForChangeAsync(long seenVersion, CancellationToken cancellation)
    {
        Task changed;
        lock (_lock)
        {
            if (_version != seenVersion)
            {
                return _version;
            }

            _changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            changed = _changed.Task;
        }

        await changed.WaitAsync(cancellation);
        lock (_lock)
        {
            return _version;
        }
    }

    /// <inheritdoc/>
    public ValueTask<DispatchedTask> TakeAsync(string node, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<DispatchedTask>(cancellation);
        }

        return TryTake(node, out var task, out var version) ? ValueTask.FromResult(task) : WaitAndTakeAsync(node, version, cancellation);
    }

    /// <inheritdoc/>
    public ValueTask<bool> CompleteAsync(DispatchedTask task, TaskOutcome outcome, Invocation? record, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (!_held.Remove(task.Id, out var held))
            {
                return ValueTask.FromResult(false);
            }

            GiveBack(held);
            switch (outcome)
            {
                case TaskOutcome.Succeeded: _succeeded++; break;
                case TaskOutcome.Failed: _failed++; break;
                default: _pending.AddFirst(held.Dispatched.Task); break;
            }

            Changed();
            return ValueTask.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask RegisterAsync(NodeRegistration node, CancellationToken cancellation)
    {
        lock (_lock)
        {
            var place = _hosts.IndexOf(node.NodeId);
            if (place >= 0)
            {
                throw new UsageException($"node {node.NodeId} is there already: give every worker a NODE_ID of its own");
            }

            if (_hosts.Count >= MaxNodes)
            {
                throw new TracekitException($"node {node.NodeId}: there are {MaxNodes} nodes already, which is the limit");
            }

            _hosts.Insert(~place, new HostState(node.NodeId, node.CapacityUnits, node.CapacityUnits, node.Slots, 0));
            _nodes = [.. _nodes.AsSpan(0, ~place), new Node(), .. _nodes.AsSpan(~place)];
            Changed();
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DeregisterAsync(string node, CancellationToken cancellation)
    {
        lock (_lock)
        {
            var index = IndexOf(node);
            var queue = _nodes[index].Queue;
            while (queue.Count > 0)
            {
                var task = queue.RemoveLast();
                _held.Remove(task.Id);
                _pending.AddFirst(task.Task);
            }

            _hosts.RemoveAt(index);
            _nodes = [.. _nodes.AsSpan(0, index), .. _nodes.AsSpan(index + 1)];
            Changed();
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<ControlPlaneSnapshot> SnapshotAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            NodeSnapshot[] nodes = [.. _nodes.Select((node, i) => new NodeSnapshot(_hosts[i], node.Queue.Count))];
            return ValueTask.FromResult(new ControlPlaneSnapshot(_version, _pending.Count, _succeeded, _failed, nodes));
        }
    }

    private bool TryTake(string node, out DispatchedTask task, out long version)
    {
        lock (_lock)
        {
            var queue = _nodes[IndexOf(node)].Queue;
            version = _version;
            if (queue.Count == 0)
            {
                task = default;
                return false;
            }

            task = queue.RemoveFirst();
            Changed();
            return true;
        }
    }

    private async ValueTask<DispatchedTask> WaitAndTakeAsync(string node, long version, CancellationToken cancellation)
    {
        DispatchedTask task;
        do
        {
            await WaitForChangeAsync(version, cancellation);
            cancellation.ThrowIfCancellationRequested();
        }
        while (!TryTake(node, out task, out version));
        return task;
    }

    private DispatchResult TryDispatchHead(HostWeigher weigher)
    {
        if (_pending.Count == 0)
        {
            return new DispatchResult(DispatchOutcome.Empty, _version);
        }

        var task = _pending.First;
        var decision = _hosts.Choose(task.CpuUnits, weigher);
        if (decision.Kind != PlacementKind.Placed)
        {
            return new DispatchResult(decision.Kind == PlacementKind.NeverFits ? DispatchOutcome.NeverFits : DispatchOutcome.Blocked, _version, task);
        }

        _pending.RemoveFirst();
        Dispatch(decision.HostIndex, task, decision.TakesSlot);
        Changed();
        return new DispatchResult(DispatchOutcome.Dispatched, _version, task, _hosts[decision.HostIndex].NodeId);
    }

    private void Dispatch(int index, TaskSpec task, bool takesSlot)
    {
        _hosts[index] = _hosts[index].Plus(task.CpuUnits, takesSlot);
        var dispatched = new DispatchedTask(++_lastId, _hosts[index].NodeId, task, takesSlot);
        _held.Add(dispatched.Id, new Held(dispatched, _nodes[index]));
        _nodes[index].Queue.AddLast(dispatched);
    }

    private void GiveBack(in Held held)
    {
        var index = Array.IndexOf(_nodes, held.Node);
        if (index < 0)
        {
            // The node left while its last tasks ran. One that came back under the same id owes them nothing.
            return;
        }

        var task = held.Dispatched;
        var host = _hosts[index].Minus(task.Task.CpuUnits, task.TakesSlot);
        Debug.Assert(host.CapacityFree <= host.CapacityTotal && host.RunCount >= 0, "more was given back than was taken");
        _hosts[index] = host;
    }

    private void Changed()
    {
        _version++;
        _changed?.SetResult();
        _changed = null;
    }

    private int IndexOf(string node)
    {
        var index = _hosts.IndexOf(node);
        return index >= 0 ? index : throw new TracekitException($"node {Printable.Line(node)} is not registered: start its worker first");
    }

    private sealed class Node
    {
        public TaskDeque<DispatchedTask> Queue { get; } = new();
    }

    private readonly record struct Held(DispatchedTask Dispatched, Node Node);
}
