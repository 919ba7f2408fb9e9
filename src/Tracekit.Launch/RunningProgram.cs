using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Launch;

/// <summary>A program between its start and its end.</summary>
public sealed class RunningProgram
{
    private const int WaiterStackBytes = 256 * 1024;

    private readonly Lock _lock = new();
    private bool _hasEnded;

    /// <summary>A program that is running; a thread of its own waits for its end, so that the end is seen at once.</summary>
    internal RunningProgram(int pid, long startedNs, Func<ChildProcess.Ending, Invocation> finish, RunClock clock)
    {
        Pid = pid;
        StartedNs = startedNs;
        var completion = new TaskCompletionSource<Invocation>(TaskCreationOptions.RunContinuationsAsynchronously);
        Completion = completion.Task;
        var waiter = new Thread(
            () =>
            {
                try
                {
                    completion.SetResult(finish(ChildProcess.WaitForEnd(pid, clock, MarkEnded)));
                }
                catch (TracekitException e)
                {
                    completion.SetException(e);
                }
            },
            WaiterStackBytes)
        { IsBackground = true, Name = $"wait {pid}" };
        waiter.Start();
    }

    /// <summary>A program that could not be started.</summary>
    internal RunningProgram(Invocation invocation) => Completion = Task.FromResult(invocation);

    /// <summary>Process id; 0 when it never started.</summary>
    public int Pid { get; }

    /// <summary>When it started, in ns since the Unix epoch.</summary>
    public long StartedNs { get; }

    /// <summary>Its record, once it has ended.</summary>
    public Task<Invocation> Completion { get; }

    /// <summary>Sends it a signal; false when it has ended. One that asks it to end also lets it go on if it is stopped, so that it can.</summary>
    public bool Send(int signal)
    {
        lock (_lock)
        {
            var isSent = Pid > 0 && !_hasEnded && Signals.Send(Pid, signal);
            if (isSent && signal is Signals.HangUp or Signals.Interrupt or Signals.Terminate)
            {
                Signals.Send(Pid, Signals.Continue);
            }

            return isSent;
        }
    }

    // Before the pid is given back: afterwards it may be another process's.
    private void MarkEnded()
    {
        lock (_lock)
        {
            _hasEnded = true;
        }
    }
}
