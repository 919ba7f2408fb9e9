using Tracekit.Redis;

namespace Tracekit.Schedule;

/// <summary>Tells when something was published on the wake channel, or may have been; nobody polls.</summary>
internal sealed class ChangeSignal : IAsyncDisposable
{
    private readonly RedisSubscriber _subscriber;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _reading;
    private readonly Lock _lock = new();
    private TaskCompletionSource? _waiter;
    private long _version;

    private ChangeSignal(RedisSubscriber subscriber)
    {
        _subscriber = subscriber;
        _reading = ReadAsync();
    }

    /// <summary>Grows with every change.</summary>
    public long Version => Volatile.Read(ref _version);

    public static async Task<ChangeSignal> ConnectAsync(RedisOptions options, CancellationToken cancellation) =>
        new(await RedisSubscriber.ConnectAsync(options with { StateChanged = null }, [ControlKeys.WakeChannel], cancellation));

    /// <summary>Ends when the version is another than <paramref name="seen"/>.</summary>
    public Task ChangedAsync(long seen, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_version != seen)
            {
                return Task.CompletedTask;
            }

            _waiter ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _waiter.Task.WaitAsync(cancellation);
        }
    }

    /// <summary>Says that something changed.</summary>
    public void Raise()
    {
        lock (_lock)
        {
            _version++;
            _waiter?.SetResult();
            _waiter = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _reading;
        await _subscriber.DisposeAsync();
        _ending.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                await _subscriber.ReadAsync(_ending.Token);
                while (_subscriber.TryRead(out _))
                {
                }

                Raise();
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // Closed.
        }
        catch (RedisException)
        {
            // The server refuses us from now on; every call says so, whoever makes one. Waiters shall make one.
            Raise();
        }
    }
}
