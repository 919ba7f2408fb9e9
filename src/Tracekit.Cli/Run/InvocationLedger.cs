using System.Collections.Concurrent;
using Tracekit.Model;
using Tracekit.Schedule;

namespace Tracekit.Cli.Run;

/// <summary>Keeps every invocation that a runner returns, for the report at the end.</summary>
internal sealed class InvocationLedger(ITaskRunner runner) : ITaskRunner
{
    private readonly ConcurrentQueue<Invocation> _all = new();

    /// <summary>The invocations so far.</summary>
    public IReadOnlyCollection<Invocation> All => _all;

    /// <inheritdoc/>
    public async Task<Invocation> RunAsync(TaskSpec task, TaskPlacement placement, CancellationToken cancellation) =>
        Keep(await runner.RunAsync(task, placement, cancellation).ConfigureAwait(false));

    /// <inheritdoc/>
    public async Task<Invocation> RefuseAsync(TaskSpec task, string node, string reason, CancellationToken cancellation) =>
        Keep(await runner.RefuseAsync(task, node, reason, cancellation).ConfigureAwait(false));

    private Invocation Keep(Invocation invocation)
    {
        _all.Enqueue(invocation);
        return invocation;
    }
}
