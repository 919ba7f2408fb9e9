using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>
/// Pushes the tasks of one dispatch, paced, each with the time of its push as <c>ts_enqueue</c>.
/// </summary>
/// <param name="options">When and where; checked here.</param>
/// <param name="control">Where tasks go.</param>
/// <param name="clock">Tells the enqueue times.</param>
/// <param name="time">Waits between pushes.</param>
public sealed class Dispatcher(DispatcherOptions options, IControlPlane control, RunClock clock, TimeProvider time)
{
    private readonly EnqueueClock _enqueue = new(clock, time);
    private int _pushed;

    /// <summary>Tasks pushed so far.</summary>
    public int Pushed => Volatile.Read(ref _pushed);

    /// <summary>Pushes every task and returns; with durations filled in where the policy needs them.</summary>
    /// <exception cref="UsageException">An option is out of range.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; <see cref="Pushed"/> tells how far it came.</exception>
    public Task RunAsync(IReadOnlyList<TaskSpec> tasks, CancellationToken cancellation)
    {
        options.Check();
        if (options.Nodes.Count > 0)
        {
            return options.Policy switch
            {
                DispatchPolicy.RoundRobin => AssignAsync(DispatchOrder.RoundRobin(tasks, options.Nodes), cancellation),
                DispatchPolicy.DurationGreedy => AssignAsync(DispatchOrder.Greedy(tasks, options.Nodes), cancellation),
                _ => AssignOnlineAsync(DispatchOrder.Order(options.Policy, tasks), cancellation),
            };
        }

        var ordered = DispatchOrder.Order(options.Policy, tasks);
        return options.PendingMode == PendingMode.Pulse ? PulseAsync(ordered, cancellation) : DribbleAsync(ordered, cancellation);
    }

    // Pulses keep to a fixed grid from the first one, so that the time which pushing takes adds up to no drift.
    private async Task PulseAsync(IReadOnlyList<TaskSpec> tasks, CancellationToken cancellation)
    {
        var beganMs = clock.NowMs;
        for (var next = 0; next < tasks.Count; next += options.PulseSize)
        {
            var dueMs = beganMs + ((long)(next / options.PulseSize) * options.PulseIntervalMs);
            await DelayUntilAsync(dueMs, cancellation);
            foreach (var task in tasks.Skip(next).Take(options.PulseSize))
            {
                await control.WaitForPendingBelowAsync(control.MaxPending, cancellation);
                await PushAsync(task, cancellation);
            }
        }
    }

    private async Task DribbleAsync(IReadOnlyList<TaskSpec> tasks, CancellationToken cancellation)
    {
        var limit = Math.Min(options.PendingMax, control.MaxPending);
        var next = 0;
        while (true)
        {
            var room = limit - await control.WaitForPendingBelowAsync(limit, cancellation);
            var batch = tasks.Skip(next).Take(Math.Min(options.BatchSize, room)).ToArray();
            foreach (var task in batch)
            {
                await PushAsync(task, cancellation);
            }

            next += batch.Length;
            if (next == tasks.Count)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(options.DribbleIntervalS), time, cancellation);
        }
    }

    private async Task AssignAsync(IReadOnlyList<NodeAssignment> assignments, CancellationToken cancellation)
    {
        foreach (var (task, node) in assignments)
        {
            await PushToAsync(node, task, cancellation);
        }
    }

    private async Task AssignOnlineAsync(IReadOnlyList<TaskSpec> tasks, CancellationToken cancellation)
    {
        var assignedS = options.Nodes.ToDictionary(node => node, _ => 0.0);
        foreach (var task in tasks)
        {
            var node = await ChooseOnlineAsync(assignedS, cancellation);
            assignedS[node] += task.DurationS ?? 0;
            await PushToAsync(node, task, cancellation);
        }
    }

    private async Task<string> ChooseOnlineAsync(Dictionary<string, double> assignedS, CancellationToken cancellation)
    {
        while (true)
        {
            var snapshot = await control.SnapshotAsync(cancellation);
            var queueLengths = snapshot.Nodes.ToDictionary(n => n.Host.NodeId, n => n.QueueLength);
            NodeBacklog[] nodes = [.. options.Nodes.Select(n => new NodeBacklog(n, queueLengths.GetValueOrDefault(n), assignedS[n]))];
            if (DispatchOrder.Online(nodes, options.BacklogLimit) is { } node)
            {
                return node;
            }

            await control.WaitForChangeAsync(snapshot.Version, cancellation);
        }
    }

    private async Task PushAsync(TaskSpec task, CancellationToken cancellation)
    {
        await control.PushAsync(task with { TsEnqueue = await _enqueue.NextMsAsync(cancellation) }, cancellation);
        Interlocked.Increment(ref _pushed);
    }

    private async Task PushToAsync(string node, TaskSpec task, CancellationToken cancellation)
    {
        await control.PushToAsync(node, task with { TsEnqueue = await _enqueue.NextMsAsync(cancellation) }, cancellation);
        Interlocked.Increment(ref _pushed);
    }

    private async Task DelayUntilAsync(long dueMs, CancellationToken cancellation)
    {
        var waitMs = dueMs - clock.NowMs;
        if (waitMs > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(waitMs), time, cancellation);
        }
    }
}
