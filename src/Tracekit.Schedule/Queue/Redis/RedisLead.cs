using Tracekit.Redis;

namespace Tracekit.Schedule;

/// <summary>
/// The lead: one scheduler dispatches, others stand by. It is a lease that the leader renews; every dispatch carries its fencing token, so that one who was
/// thought dead and comes back changes nothing. The leader also looks for nodes that are gone.
/// </summary>
internal sealed class RedisLead : IAsyncDisposable
{
    private const int ScanCount = 1000;
    private const int TicksBetweenScans = 3;
    private static readonly TimeSpan LongestTick = TimeSpan.FromSeconds(2);

    private readonly RedisControlOptions _options;
    private readonly RedisConnection _redis;
    private readonly ChangeSignal _changes;
    private readonly CancellationTokenSource _ending = new();
    private readonly string _nonce = Guid.NewGuid().ToString("N")[..8];
    private Task? _keeping;
    private volatile string? _token;
    private volatile string _lastToken = "";
    private volatile string[] _plainNodes = [];

    public RedisLead(RedisControlOptions options, RedisConnection redis, ChangeSignal changes)
    {
        _options = options;
        _redis = redis;
        _changes = changes;
    }

    /// <summary>The fencing token; only while leading.</summary>
    public string Token => _token ?? "";

    /// <summary>True while this scheduler leads.</summary>
    public bool IsLeading => _token is not null;

    /// <summary>Nodes that know only the keys of the contract.</summary>
    public IReadOnlyList<string> PlainNodes => _plainNodes;

    /// <summary>Returns when this scheduler leads.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellation)
    {
        var toldToStandBy = false;
        while (_token is null)
        {
            var seen = _changes.Version;

            // Where an error made us let go of it, the lease may still be ours.
            var reply = await CallAsync(Ask(_lastToken), cancellation);
            if (reply[0].AsText() == "leads")
            {
                _redis.ExpectWrites();
                _token = _lastToken = reply[1].AsText();
                _options.Report($"leading, with fencing token {_token}");
                ReportGone(reply);
                await FindPlainNodesAsync(cancellation);
                _keeping ??= KeepAsync(_ending.Token);
                return;
            }

            if (!toldToStandBy)
            {
                _options.Report("another scheduler leads; standing by");
                toldToStandBy = true;
            }

            // The leader that steps down says so; the lease of one that died runs out.
            var left = TimeSpan.FromMilliseconds(Math.Clamp(reply[1].AsInt64(), 10, (long)_options.Lease.TotalMilliseconds));
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(_changes.ChangedAsync(seen, waiting.Token), Task.Delay(left, waiting.Token));
            await waiting.CancelAsync();
            cancellation.ThrowIfCancellationRequested();
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellation);
        }
    }

    /// <summary>The lead that came with a token has gone to another.</summary>
    public void Lost(string token)
    {
        if (_token is { } current && current == token && Interlocked.CompareExchange(ref _token, null, current) == current)
        {
            _options.Report("another scheduler leads now");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        if (_keeping is not null)
        {
            await _keeping;
        }

        if (_token is { } token && _redis.IsConnected)
        {
            try
            {
                await _redis.CallAsync(ControlScripts.Resign.Command(0).Add(token));
            }
            catch (RedisException)
            {
                // The lease runs out by itself.
            }
        }

        _ending.Dispose();
    }

    private RespCommand Ask(string token) => ControlScripts.Lead.Command(0)
        .Add(token).Add((long)_options.Lease.TotalMilliseconds).Add((long)_options.MaxAttempts).Add(_nonce);

    private async Task KeepAsync(CancellationToken cancellation)
    {
        var tick = 0;
        try
        {
            while (true)
            {
                var fifth = _options.Lease / 5;
                await Task.Delay(fifth < LongestTick ? fifth : LongestTick, cancellation);
                if (_token is not { } token)
                {
                    continue;
                }

                try
                {
                    await KeepOnceAsync(token, isTimeToScan: ++tick % TicksBetweenScans == 0, cancellation);
                }
                catch (RedisException e)
                {
                    // Whoever dispatches asks for the lead again, and learns the same or goes on; from then on it is kept again.
                    _options.Report(e.Message);
                    _token = null;
                    _changes.Raise();
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Closing.
        }
    }

    private async ValueTask KeepOnceAsync(string token, bool isTimeToScan, CancellationToken cancellation)
    {
        var reply = await CallAsync(Ask(token), cancellation);
        if (reply[0].AsText() != "leads")
        {
            Lost(token);
            _changes.Raise();
            return;
        }

        // The lease had run out and nobody had taken it: a new token comes with it.
        _token = _lastToken = reply[1].AsText();
        ReportGone(reply);
        if (isTimeToScan)
        {
            await FindPlainNodesAsync(cancellation);
        }
    }

    private void ReportGone(RespValue reply)
    {
        for (var i = 2; i + 1 < reply.Count; i += 2)
        {
            _options.Report($"node {reply[i].AsText()} is gone; {reply[i + 1].AsInt64()} tasks go back to the line");
        }
    }

    // Nodes of the older tool announce themselves by nothing but their capacity.
    private async ValueTask FindPlainNodesAsync(CancellationToken cancellation)
    {
        const string Prefix = "cap:";
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in (await CallAsync(RespCommand.Of("HKEYS", "tracekit:nodes"), cancellation)).Items)
        {
            known.Add(node.AsText());
        }

        var found = new SortedSet<string>(StringComparer.Ordinal);
        var cursor = "0";
        do
        {
            var reply = await CallAsync(RespCommand.Of("SCAN", cursor, "MATCH", "cap:*").Add("COUNT").Add((long)ScanCount).Add("TYPE").Add("string"), cancellation);
            cursor = reply[0].AsText();
            foreach (var key in reply[1].Items)
            {
                var node = key.AsText()[Prefix.Length..];
                if (!known.Contains(node))
                {
                    found.Add(node);
                }
            }
        }
        while (cursor != "0");

        if (!found.SetEquals(_plainNodes))
        {
            _plainNodes = [.. found];
            _changes.Raise();
        }
    }

    private ValueTask<RespValue> CallAsync(RespCommand command, CancellationToken cancellation) =>
        _redis.CallAsync(command, new CallPolicy(DateTimeOffset.MaxValue), cancellation);
}
