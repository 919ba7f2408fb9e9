using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>How far a run is; a progress display polls it.</summary>
/// <param name="Total">Tasks of the run.</param>
/// <param name="Pending">Pushed, and waiting for a node.</param>
/// <param name="Dispatched">Sent to a node, and not running yet.</param>
/// <param name="Running">Running.</param>
/// <param name="Succeeded">Ended with status 0.</param>
/// <param name="Failed">Ended otherwise, or refused.</param>
/// <param name="RunningTasks">What runs, node by node in the order of the starts.</param>
public sealed record RunProgress(
    int Total, int Pending, int Dispatched, int Running, long Succeeded, long Failed, IReadOnlyList<RunningTask> RunningTasks)
{
    /// <summary>Went to nodes that report no results.</summary>
    public long HandedOver { get; init; }
}

/// <summary>The roles of <c>run</c> in one process: one dispatcher, one scheduler, one worker a node.</summary>
/// <param name="control">The queues between them.</param>
/// <param name="dispatcher">Pushes the tasks.</param>
/// <param name="scheduler">Places them.</param>
/// <param name="workers">Run them; at least one.</param>
public sealed class LocalRun(IControlPlane control, Dispatcher dispatcher, CentralScheduler scheduler, IReadOnlyList<Worker> workers)
{
    private int _total;

    /// <summary>Runs the tasks to their end.</summary>
    /// <param name="tasks">The tasks, as made by <see cref="TaskPlan.Make"/>.</param>
    /// <param name="stop">Start no more; those that run may end by themselves.</param>
    /// <param name="abort">End those that run, too.</param>
    /// <returns>How it ended: all done, or what was left when it was stopped.</returns>
    /// <exception cref="UsageException">A task fits no node; nothing was started.</exception>
    public async Task<RunProgress> RunAsync(IReadOnlyList<TaskSpec> tasks, CancellationToken stop, CancellationToken abort)
    {
        Admission.Check(tasks, [.. workers.Select(w => w.Node.CapacityUnits)]);
        _total = tasks.Count;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop, abort);
        Task[] roles =
        [
            EndAllIfItFails(scheduler.RunAsync(ending.Token)),
            .. workers.Select(w => EndAllIfItFails(w.RunAsync(ending.Token, abort))),
            EndAllIfItFails(DispatchAsync()),
        ];
        await Task.WhenAll(roles);
        return await ProgressAsync(CancellationToken.None);

        async Task DispatchAsync()
        {
            try
            {
                await Task.WhenAll(workers.Select(w => w.Registered)).WaitAsync(ending.Token);
                await dispatcher.RunAsync(tasks, ending.Token);
                await AllDoneAsync(ending.Token);
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                // Stopped, or another role failed and tells why.
            }

            await ending.CancelAsync();
        }

        async Task EndAllIfItFails(Task role)
        {
            try
            {
                await role;
            }
            catch
            {
                await ending.CancelAsync();
                throw;
            }
        }
    }

    /// <summary>How far the run is now.</summary>
    public async ValueTask<RunProgress> ProgressAsync(CancellationToken cancellation)
    {
        var snapshot = await control.SnapshotAsync(cancellation);
        RunningTask[] running = [.. workers.SelectMany(w => w.Running())];
        var dispatched = Math.Max(0, snapshot.Nodes.Sum(n => n.Host.RunCount) - running.Length);
        return new RunProgress(_total, snapshot.Pending, dispatched, running.Length, snapshot.Succeeded, snapshot.Failed, running) { HandedOver = snapshot.HandedOver };
    }

    private async Task AllDoneAsync(CancellationToken cancellation)
    {
        var snapshot = await control.SnapshotAsync(cancellation);
        while (snapshot.Succeeded + snapshot.Failed + snapshot.HandedOver < _total)
        {
            await control.WaitForChangeAsync(snapshot.Version, cancellation);
            snapshot = await control.SnapshotAsync(cancellation);
        }
    }
}
