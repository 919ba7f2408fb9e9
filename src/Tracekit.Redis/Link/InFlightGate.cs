namespace Tracekit.Redis;

/// <summary>Lets so many commands and bytes be under way at once; who comes later waits, in order.</summary>
internal sealed class InFlightGate(int maxCommands, long maxBytes)
{
    private readonly Lock _lock = new();
    private readonly Queue<Waiter> _waiters = new();
    private int _commands;
    private long _bytes;

    /// <summary>Commands under way.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _commands;
            }
        }
    }

    /// <summary>Enters when there is room. Every entry is followed by one <see cref="Exit"/> with the same size.</summary>
    public ValueTask EnterAsync(int bytes, CancellationToken cancellation)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (_waiters.Count == 0 && HasRoom(bytes))
            {
                Take(bytes);
                return ValueTask.CompletedTask;
            }

            waiter = new Waiter(bytes);
            _waiters.Enqueue(waiter);
        }

        return WaitAsync(waiter, cancellation);
    }

    /// <summary>Leaves.</summary>
    public void Exit(int bytes)
    {
        lock (_lock)
        {
            _commands--;
            _bytes -= bytes;

            // One that was cancelled while it waited says no and is passed over; it has taken nothing.
            while (_waiters.TryPeek(out var next) && HasRoom(next.Bytes))
            {
                _waiters.Dequeue();
                if (next.TrySetResult())
                {
                    Take(next.Bytes);
                }
            }
        }
    }

    // A command larger than the limit goes alone, for else it would wait for ever.
    private bool HasRoom(int bytes) => _commands == 0 || (_commands < maxCommands && _bytes + bytes <= maxBytes);

    private void Take(int bytes)
    {
        _commands++;
        _bytes += bytes;
    }

    private static async ValueTask WaitAsync(Waiter waiter, CancellationToken cancellation)
    {
        using var registration = cancellation.UnsafeRegister(static (w, token) => ((Waiter)w!).TrySetCanceled(token), waiter);
        await waiter.Task.ConfigureAwait(false);
    }

    private sealed class Waiter(int bytes) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public int Bytes { get; } = bytes;
    }
}
