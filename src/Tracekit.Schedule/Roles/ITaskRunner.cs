using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>Runs tasks as programs and records what became of them.</summary>
public interface ITaskRunner
{
    /// <summary>
    /// Runs a task to its end and records it. A program that fails is no exception here: its status says so. Calls
    /// <see cref="TaskPlacement.Started"/> when the program runs.
    /// </summary>
    /// <param name="task">A valid task.</param>
    /// <param name="placement">Where and under which limits.</param>
    /// <param name="cancellation">Ends the program early.</param>
    Task<Invocation> RunAsync(TaskSpec task, TaskPlacement placement, CancellationToken cancellation);

    /// <summary>Records a task that never became a program.</summary>
    /// <param name="task">The task; perhaps not valid.</param>
    /// <param name="node">The node that refused it.</param>
    /// <param name="reason">Why, in one line.</param>
    /// <param name="cancellation">Gives the recording up.</param>
    Task<Invocation> RefuseAsync(TaskSpec task, string node, string reason, CancellationToken cancellation);
}
