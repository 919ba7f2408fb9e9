using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>The flags of <c>worker</c> that say what a node offers and how it runs tasks.</summary>
public sealed record WorkerOptions
{
    /// <summary>The most tasks that <c>--parallel</c> may allow at once.</summary>
    public const int MaxParallel = 65536;

    /// <summary>The node.</summary>
    public required string NodeId { get; init; }

    /// <summary>The CPUs that tasks may use; not empty.</summary>
    public required IReadOnlyList<LogicalCpu> Topology { get; init; }

    /// <summary>Tasks at once; 0 for as many as the capacity holds.</summary>
    public int Parallel { get; init; }

    /// <summary>Capacity units; 0 for ratio times cores.</summary>
    public int CapacityUnits { get; init; }

    /// <summary>Capacity units per logical core.</summary>
    public double AllocationRatio { get; init; } = 1;

    /// <summary>How tasks are bound to CPUs.</summary>
    public CpuBinding CpuBinding { get; init; }

    /// <summary>With shared binding: CPU weight per capacity unit.</summary>
    public int CpuWeightPerVcpu { get; init; } = 100;

    /// <summary>The CPU quota that the worker itself is under, in cores; null for none.</summary>
    public double? CpuLimitCores { get; init; }

    /// <summary>What the node offers.</summary>
    /// <exception cref="UsageException">A flag is out of range.</exception>
    public NodeRegistration ToRegistration()
    {
        if (Parallel is < 0 or > MaxParallel)
        {
            throw new UsageException($"--parallel {Parallel}: must be 1 to {MaxParallel}, or 0 for as many as the capacity holds");
        }

        if (CpuWeightPerVcpu is < 1 or > TaskFaults.MaxCpuWeight)
        {
            throw new UsageException($"--cpuweight-per-vcpu {CpuWeightPerVcpu}: must be 1 to {TaskFaults.MaxCpuWeight}");
        }

        var units = Schedule.CapacityUnits.Of(CapacityUnits, AllocationRatio, Topology.Count);
        return new NodeRegistration(Identifier.Check(NodeId, "node"), units, Parallel > 0 ? Parallel : null, Topology.Count, AllocationRatio);
    }

    /// <summary>Reads <c>--cpu-binding</c>.</summary>
    /// <exception cref="UsageException">It is neither exclusive nor shared.</exception>
    public static CpuBinding ParseBinding(string text) => text switch
    {
        "exclusive" => CpuBinding.Exclusive,
        "shared" => CpuBinding.Shared,
        _ => throw new UsageException($"--cpu-binding '{Printable.Line(text)}': use exclusive or shared"),
    };
}

/// <summary>Runs the tasks that its node is given, within the node's capacity, each to its end.</summary>
/// <param name="options">What the node offers.</param>
/// <param name="control">Where tasks come from.</param>
/// <param name="runner">Runs them.</param>
/// <param name="clock">Tells when.</param>
/// <param name="report">Takes one line for each task that was refused or could not be run.</param>
public sealed class Worker(WorkerOptions options, IControlPlane control, ITaskRunner runner, RunClock clock, Action<string> report)
{
    private readonly NodeRegistration _node = options.ToRegistration();
    private readonly CoreBinding _binding = new(options.Topology, options.CpuBinding, options.CpuWeightPerVcpu, options.CpuLimitCores);
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _roomMade;
    private int _unitsInUse;

    /// <summary>What the node offers.</summary>
    public NodeRegistration Node => _node;

    /// <summary>Ends when the node is registered; fails if it could not be.</summary>
    public Task Registered => _registered.Task;

    /// <summary>What runs now, in the order of the starts.</summary>
    public IReadOnlyList<RunningTask> Running()
    {
        lock (_lock)
        {
            return [.. _binding.Running.Select(p => p.Running)];
        }
    }

    /// <summary>Registers the node and runs its tasks until told to stop; then takes no more, waits for those that run, and leaves.</summary>
    /// <param name="stop">Take no more tasks; those that run may end by themselves.</param>
    /// <param name="abort">Take no more, and end those that run, too.</param>
    public async Task RunAsync(CancellationToken stop, CancellationToken abort)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stop, abort);
        await RegisterAsync(stopping.Token);
        List<Task> running = [];
        try
        {
            while (true)
            {
                var dispatched = await control.TakeAsync(_node.NodeId, stopping.Token);
                running.RemoveAll(t => t.IsCompletedSuccessfully);
                running.Add(await StartAsync(dispatched, stopping.Token, abort));
                ThrowIfFaulted(running);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Told to stop: what follows is the way out in any case.
        }
        finally
        {
            await Task.WhenAll(running);
            await control.DeregisterAsync(_node.NodeId, CancellationToken.None);
        }
    }

    private async Task RegisterAsync(CancellationToken stop)
    {
        try
        {
            await control.RegisterAsync(_node, stop);
            _registered.SetResult();
        }
        catch (Exception e)
        {
            _registered.SetException(e);
            throw;
        }
    }

    // Returns when the task runs, with a task that ends when it does.
    private async Task<Task> StartAsync(DispatchedTask dispatched, CancellationToken stop, CancellationToken abort)
    {
        var task = dispatched.Task;
        var faults = TaskFaults.Of(task);
        if (faults.Count > 0)
        {
            return RefuseAsync(dispatched, string.Join("; ", faults), abort);
        }

        if (task.CpuUnits > _node.CapacityUnits)
        {
            return RefuseAsync(dispatched, $"needs {task.CpuUnits} units but node {_node.NodeId} offers {_node.CapacityUnits}", abort);
        }

        try
        {
            await WaitForRoomAsync(task.CpuUnits, stop);
        }
        catch (OperationCanceledException)
        {
            await control.CompleteAsync(dispatched, TaskOutcome.Returned, null, CancellationToken.None);
            throw;
        }

        return TryBind(task, out var placement, out var reason) ? RunAsync(dispatched, placement!, abort) : RefuseAsync(dispatched, reason, abort);
    }

    // What the scheduler sends always fits; what was sent past it, or by an older one, waits here for its turn.
    private async Task WaitForRoomAsync(int cpuUnits, CancellationToken stop)
    {
        while (true)
        {
            Task roomMade;
            lock (_lock)
            {
                if (_unitsInUse + cpuUnits <= _node.CapacityUnits && _binding.Running.Count < (_node.Slots ?? int.MaxValue))
                {
                    return;
                }

                _roomMade ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                roomMade = _roomMade.Task;
            }

            await roomMade.WaitAsync(stop);
        }
    }

    private bool TryBind(TaskSpec task, out TaskPlacement? placement, out string reason)
    {
        lock (_lock)
        {
            try
            {
                placement = _binding.Bind(task, _node.NodeId, clock.NowMs);
                _unitsInUse += task.CpuUnits;
                reason = "";
                return true;
            }
            catch (TracekitException e)
            {
                placement = null;
                reason = e.Message;
                return false;
            }
        }
    }

    private async Task RunAsync(DispatchedTask dispatched, TaskPlacement placement, CancellationToken abort)
    {
        Invocation? record = null;
        var outcome = TaskOutcome.Failed;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(abort, dispatched.TakenBack);
        try
        {
            record = await runner.RunAsync(dispatched.Task, placement, ending.Token);
            outcome = record.Status == 0 ? TaskOutcome.Succeeded : TaskOutcome.Failed;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested && placement.Running.Pid is null)
        {
            // Nothing of it ran, so nothing failed: another node may have it, and this was no attempt.
            outcome = TaskOutcome.Returned;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // One task that cannot be run must not take the node's other tasks with it.
            report($"task {Name(dispatched.Task)} on {_node.NodeId}: {Printable.Line(e.Message)}");
        }
        finally
        {
            Release(placement);
            await control.CompleteAsync(dispatched, outcome, record, CancellationToken.None);
        }
    }

    private async Task RefuseAsync(DispatchedTask dispatched, string reason, CancellationToken abort)
    {
        report($"task {Name(dispatched.Task)} refused on {_node.NodeId}: {reason}");
        Invocation? record = null;
        try
        {
            record = await runner.RefuseAsync(dispatched.Task, _node.NodeId, reason, abort);
        }
        catch (Exception e) when (e is TracekitException or OperationCanceledException)
        {
            report($"task {Name(dispatched.Task)} on {_node.NodeId}: not recorded: {Printable.Line(e.Message)}");
        }
        finally
        {
            await control.CompleteAsync(dispatched, TaskOutcome.Failed, record, CancellationToken.None);
        }
    }

    private void Release(TaskPlacement placement)
    {
        lock (_lock)
        {
            _binding.Release(placement);
            _unitsInUse -= placement.Task.CpuUnits;
            _roomMade?.SetResult();
            _roomMade = null;
        }
    }

    private static void ThrowIfFaulted(List<Task> running)
    {
        if (running.Find(t => t.IsFaulted) is { } faulted)
        {
            throw new TracekitException(faulted.Exception!.InnerException!.Message, faulted.Exception.InnerException);
        }
    }

    private static string Name(TaskSpec task) => task.Seq is { } seq ? $"{seq} ({Printable.Line(task.Input)})" : Printable.Line(task.Input);
}
