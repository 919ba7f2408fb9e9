using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>
/// Dispatches the head of the pending tasks while it fits somewhere, then waits for something to change. Strict FIFO: nothing passes the head by.
/// </summary>
/// <param name="control">The queues.</param>
/// <param name="weigher">Chooses among the nodes that a task fits.</param>
/// <param name="report">Takes one line for each head that is larger than every node.</param>
public sealed class CentralScheduler(IControlPlane control, HostWeigher weigher, Action<string> report)
{
    /// <summary>Runs until cancelled, then returns.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        string? reported = null;
        try
        {
            while (!cancellation.IsCancellationRequested)
            {
                var result = await control.TryDispatchHeadAsync(weigher, cancellation);
                if (result.Outcome == DispatchOutcome.Dispatched)
                {
                    continue;
                }

                if (result is { Outcome: DispatchOutcome.NeverFits, Task: { } task } && reported != NameOf(task))
                {
                    reported = NameOf(task);
                    report($"{Describe(task)} is larger than every node and blocks the queue: add a larger node or raise --allocation-ratio or --capacity-units");
                }

                await control.WaitForChangeAsync(result.Version, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Told to stop; the pending tasks stay where they are.
        }
    }

    // The same task is read anew each time that it is looked at.
    private static string NameOf(TaskSpec task) => task.Id ?? $"{task.Seq} {task.Output}";

    private static string Describe(TaskSpec task) => $"task {task.Seq?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"} ({task.CpuUnits} units)";
}
