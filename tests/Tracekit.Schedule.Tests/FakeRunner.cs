using System.Collections.Concurrent;
using System.Threading.Channels;
using Tracekit.Model;

namespace Tracekit.Schedule.Tests;

/// <summary>A fake: starts no program. A task runs until the test ends it, or ends at once.</summary>
internal sealed class FakeRunner(bool endAtOnce = false) : ITaskRunner
{
    private readonly Channel<TaskPlacement> _started = Channel.CreateUnbounded<TaskPlacement>();
    private readonly Channel<TaskPlacement> _held = Channel.CreateUnbounded<TaskPlacement>();
    private readonly ConcurrentDictionary<long, TaskCompletionSource<int>> _ends = new();

    public ConcurrentQueue<(long Seq, string Reason)> Refused { get; } = new();

    public ConcurrentQueue<TaskSpec> Ran { get; } = new();

    /// <summary>Tasks stay before the start of their program until they are cancelled.</summary>
    public bool HoldBeforeStart { get; set; }

    /// <summary>The next task that is held before its start; waits for it.</summary>
    public Task<TaskPlacement> NextHeldAsync() => _held.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>The next task that was started; waits for it.</summary>
    public Task<TaskPlacement> NextStartedAsync() => _started.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>How many starts the test has not looked at yet.</summary>
    public int StartedUnseen => _started.Reader.Count;

    public void End(long seq, int status = 0) => EndOf(seq).SetResult(status);

    public void Throw(long seq, Exception error) => EndOf(seq).SetException(error);

    public async Task<Invocation> RunAsync(TaskSpec task, TaskPlacement placement, CancellationToken cancellation)
    {
        if (HoldBeforeStart)
        {
            _held.Writer.TryWrite(placement);
            await Task.Delay(Timeout.Infinite, cancellation);
        }

        Ran.Enqueue(task);
        placement.Started(1000 + (int)task.Seq!.Value, 7);
        _started.Writer.TryWrite(placement);
        var status = endAtOnce ? 0 : await EndOf(task.Seq.Value).Task.WaitAsync(cancellation);
        return new Invocation { Status = status };
    }

    public Task<Invocation> RefuseAsync(TaskSpec task, string node, string reason, CancellationToken cancellation)
    {
        Refused.Enqueue((task.Seq ?? -1, reason));
        return Task.FromResult(new Invocation { Error = reason });
    }

    private TaskCompletionSource<int> EndOf(long seq) => _ends.GetOrAdd(seq, _ => new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously));
}
