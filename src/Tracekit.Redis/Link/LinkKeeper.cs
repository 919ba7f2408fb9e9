namespace Tracekit.Redis;

/// <summary>
/// Keeps one link: hands it out, and makes another when it ends, with delays that grow until one has lasted. Ends for good when the server refuses us.
/// </summary>
internal sealed class LinkKeeper : IAsyncDisposable
{
    /// <summary>A link that lasted this long has the delays start again from the shortest.</summary>
    private static readonly TimeSpan LastingAfter = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly RedisOptions _options;
    private readonly Func<RedisLink, ValueTask>? _prepare;
    private readonly Func<RespValue, bool>? _push;
    private readonly Random _random;
    private readonly CancellationTokenSource _stop = new();
    private TaskCompletionSource<RedisLink> _next = NewNext();
    private volatile RedisLink? _current;
    private long _linksMade;
    private string _lastReason = "not connected yet";
    private Task _keeping = Task.CompletedTask;

    /// <summary>No link yet.</summary>
    public LinkKeeper(RedisOptions options, Func<RedisLink, ValueTask>? prepare = null, Func<RespValue, bool>? push = null)
    {
        _options = options;
        _prepare = prepare;
        _push = push;
        _random = options.JitterSeed is { } seed ? new Random(seed) : new Random();
    }

    /// <summary>The link, if there is one; it may be over already.</summary>
    public RedisLink? Current => _current;

    /// <summary>How many links there have been.</summary>
    public long LinksMade => Interlocked.Read(ref _linksMade);

    /// <summary>Makes the first link.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var since = _options.Time.GetTimestamp();
        for (var failed = 0; ; failed++)
        {
            try
            {
                var link = await OpenAsync(cancellation).ConfigureAwait(false);
                Publish(link);
                _keeping = KeepAsync(link);
                return;
            }
            catch (RedisException e) when (!IsFatal(e) && e is not (RespFormatException or RedisConnectException { IsFinal: true }))
            {
                var delay = DelayAfter(failed);
                if (_options.Time.GetElapsedTime(since) + delay > _options.FirstConnectWithin)
                {
                    throw;
                }

                if (failed == 0)
                {
                    Report(RedisState.Awaited, $"{e.Message}; trying again for up to {_options.FirstConnectWithin.TotalSeconds:0.###} s");
                }

                await Task.Delay(delay, _options.Time, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The link, or the next one when there is none.</summary>
    /// <param name="name">The command that needs it.</param>
    /// <param name="over">A link that is known to be over.</param>
    /// <param name="cancellation">Gives up.</param>
    public async ValueTask<RedisLink> GetAsync(string name, RedisLink? over, CancellationToken cancellation)
    {
        Task<RedisLink> next;
        lock (_lock)
        {
            if (over is not null)
            {
                Withdraw(over);
            }

            if (_current is { } link)
            {
                return link;
            }

            next = _next.Task;
        }

        try
        {
            return await next.WaitAsync(_options.MaxWaitForConnection, _options.Time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            var where = _options.Endpoint.MaskedUrl;
            var wait = _options.MaxWaitForConnection.TotalSeconds;
            throw new RedisConnectionLostException($"{where}: {name}: no connection for {wait:0.###} s: {_lastReason}; it was not sent", false);
        }
    }

    /// <summary>The delay before a further attempt.</summary>
    public TimeSpan DelayAfter(int failed)
    {
        lock (_random)
        {
            return _options.BackOff.DelayAfter(failed, _random.NextDouble());
        }
    }

    /// <summary>Ends the link, and no other is made.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        _current?.Dispose();
        await _keeping.ConfigureAwait(false);
        Refuse(new RedisConnectionLostException($"{_options.Endpoint.MaskedUrl}: closed by this program; it was not sent", mayHaveExecuted: false));
    }

    private Task<RedisLink> OpenAsync(CancellationToken cancellation) => LinkOpener.OpenAsync(_options, _prepare, _push, cancellation);

    private async Task KeepAsync(RedisLink link)
    {
        var failed = 0;
        while (true)
        {
            Report(RedisState.Connected, null);
            var since = _options.Time.GetTimestamp();
            var reason = await link.Ended.ConfigureAwait(false);
            lock (_lock)
            {
                Withdraw(link);
            }

            if (_stop.IsCancellationRequested)
            {
                return;
            }

            _lastReason = reason;
            Report(RedisState.Lost, reason);
            failed = _options.Time.GetElapsedTime(since) >= LastingAfter ? 0 : failed;
            try
            {
                (link, failed) = await MakeAnotherAsync(failed).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception e)
            {
                // Refused, or a fault of ours: either way every caller learns of it, and none waits for a link that nobody makes.
                Refuse(e);
                Report(RedisState.Refused, e.Message);
                return;
            }

            Publish(link);
            if (_stop.IsCancellationRequested)
            {
                // Closed while it was being made, so that nobody else ends it.
                link.Dispose();
            }
        }
    }

    private async Task<(RedisLink Link, int Failed)> MakeAnotherAsync(int failed)
    {
        while (true)
        {
            await Task.Delay(DelayAfter(failed), _options.Time, _stop.Token).ConfigureAwait(false);
            failed++;
            try
            {
                return (await OpenAsync(_stop.Token).ConfigureAwait(false), failed);
            }
            catch (RedisException e) when (!IsFatal(e))
            {
                _lastReason = e.Message;
            }
        }
    }

    private static bool IsFatal(RedisException e) => e is RedisServerException server && RedisErrorCode.IsFatalAtConnect(server.Code);

    private void Publish(RedisLink link)
    {
        TaskCompletionSource<RedisLink> waiting;
        lock (_lock)
        {
            _linksMade++;
            _current = link;
            waiting = _next;
        }

        waiting.TrySetResult(link);
    }

    /// <summary>Under the lock.</summary>
    private void Withdraw(RedisLink link)
    {
        if (_current == link)
        {
            _current = null;
            _next = NewNext();
        }
    }

    private void Refuse(Exception reason)
    {
        lock (_lock)
        {
            _current = null;
            if (_next.Task.IsCompletedSuccessfully)
            {
                _next = NewNext();
            }

            if (_next.TrySetException(reason))
            {
                // Perhaps nobody asks any more.
                _ = _next.Task.Exception;
            }
        }
    }

    /// <summary>Tells whoever listens.</summary>
    public void Report(RedisState state, string? reason)
    {
        try
        {
            _options.StateChanged?.Invoke(new RedisStateChange(state, _options.Endpoint.MaskedUrl, reason));
        }
        catch (Exception)
        {
            // A fault of the one who listens must not cost everyone the connection.
        }
    }

    private static TaskCompletionSource<RedisLink> NewNext() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
