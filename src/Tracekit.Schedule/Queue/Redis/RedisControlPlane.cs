using System.Globalization;
using Tracekit.Model;
using Tracekit.Redis;

namespace Tracekit.Schedule;

/// <summary>
/// The control plane on a Redis server: many dispatchers, workers and schedulers on many machines. Each method is one script there, so one atomic step, and
/// each may be sent again when the connection broke and nobody knows whether it was executed.
/// </summary>
/// <remarks>What is kept where, and what is guaranteed: docs/scheduling.md.</remarks>
public sealed class RedisControlPlane : IControlPlane, IAsyncDisposable
{
    /// <summary>
    /// The newest tasks that a dispatcher keeps after the server has acknowledged them, to send them again if it loses them: with
    /// <c>appendfsync everysec</c> a crash costs the last seconds, and a dispatch pushes at most 1000 tasks a second.
    /// </summary>
    public const int MaxKeptPushes = 10_000;

    // The line is looked at this often while a dispatcher waits for room in it; nobody is idle then.
    private static readonly TimeSpan LookAtLine = TimeSpan.FromMilliseconds(20);

    private readonly RedisControlOptions _options;
    private readonly RedisConnection _redis;
    private readonly ServerClock _clock;
    private readonly ChangeSignal _changes;
    private readonly RedisScheduling _scheduling;
    private readonly Dictionary<string, RedisNode> _nodes = [];
    private readonly Queue<RespCommand> _kept = [];
    private long _pushed;
    private long? _total;

    private RedisControlPlane(RedisControlOptions options, RedisConnection redis, ChangeSignal changes, RedisWaiter waiter)
    {
        _options = options;
        _redis = redis;
        _clock = new ServerClock(redis);
        _changes = changes;
        _scheduling = new RedisScheduling(options, redis, changes, waiter);
    }

    /// <inheritdoc/>
    public int MaxPending => int.MaxValue;

    /// <summary>Connects.</summary>
    /// <exception cref="RedisException">The server cannot be reached, or refuses us.</exception>
    public static async Task<RedisControlPlane> ConnectAsync(RedisControlOptions options, CancellationToken cancellation)
    {
        var redis = await RedisConnection.ConnectAsync(options.Redis, cancellation);
        ChangeSignal? changes = null;
        try
        {
            changes = await ChangeSignal.ConnectAsync(options.Redis, cancellation);
            var waiter = await RedisWaiter.ConnectAsync(options.Redis with { StateChanged = null }, redis, cancellation);
            return new RedisControlPlane(options, redis, changes, waiter);
        }
        catch
        {
            if (changes is not null)
            {
                await changes.DisposeAsync();
            }

            await redis.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask PushAsync(TaskSpec task, CancellationToken cancellation)
    {
        var (dispatch, next) = Next(task);
        await SendAsync(ControlScripts.Push.Command(0).Add(dispatch).Add(_pushed).Add(0L).Add(next.ToJson()), cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask PushToAsync(string node, TaskSpec task, CancellationToken cancellation)
    {
        var (dispatch, next) = Next(task);
        await SendAsync(
            ControlScripts.PushTo.Command(0).Add(dispatch).Add(_pushed).Add(node).Add(next.ToJson()).Add(next.Id!).Add((long)next.CpuUnits), cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask<int> WaitForPendingBelowAsync(int limit, CancellationToken cancellation)
    {
        while (true)
        {
            var pending = (await CallAsync(RespCommand.Of("LLEN", ControlKeys.Pending), cancellation)).AsInt32();
            if (pending < limit)
            {
                return pending;
            }

            await Task.Delay(LookAtLine, cancellation);
        }
    }

    /// <inheritdoc/>
    public ValueTask<DispatchResult> TryDispatchHeadAsync(HostWeigher weigher, CancellationToken cancellation) => _scheduling.DispatchAsync(weigher, cancellation);

    /// <inheritdoc/>
    public ValueTask<long> WaitForChangeAsync(long seenVersion, CancellationToken cancellation) => _scheduling.WaitAsync(seenVersion, cancellation);

    /// <inheritdoc/>
    public ValueTask<DispatchedTask> TakeAsync(string node, CancellationToken cancellation) => NodeOf(node).TakeAsync(cancellation);

    /// <inheritdoc/>
    public ValueTask<bool> CompleteAsync(DispatchedTask task, TaskOutcome outcome, Invocation? record, CancellationToken cancellation) =>
        NodeOf(task.Node).CompleteAsync(task, outcome, record, cancellation);

    /// <inheritdoc/>
    public async ValueTask RegisterAsync(NodeRegistration node, CancellationToken cancellation)
    {
        var joined = await RedisNode.JoinAsync(_options, node, _redis, _clock, cancellation);
        lock (_nodes)
        {
            _nodes[node.NodeId] = joined;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeregisterAsync(string node, CancellationToken cancellation)
    {
        RedisNode? left;
        lock (_nodes)
        {
            _nodes.Remove(node, out left);
        }

        if (left is not null)
        {
            await left.LeaveAsync(cancellation);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<ControlPlaneSnapshot> SnapshotAsync(CancellationToken cancellation)
    {
        var version = _changes.Version;
        var reply = await CallAsync(ControlScripts.Snapshot.Command(0).Add(_options.DispatchId ?? ""), cancellation);
        var nodes = new List<NodeSnapshot>();
        foreach (var row in reply[4].Items)
        {
            var runCount = row[3].AsInt32();
            var slots = row[4].AsInt32();
            var host = new HostState(row[0].AsText(), row[2].AsInt32(), row[1].AsInt32(), slots > 0 ? Math.Max(0, slots - runCount) : null, runCount);
            nodes.Add(new NodeSnapshot(host, row[5].AsInt32()));
        }

        nodes.Sort((a, b) => string.CompareOrdinal(a.Host.NodeId, b.Host.NodeId));

        // A dead letter is a task that will not be run: for whoever waits for all, it has failed.
        return new ControlPlaneSnapshot(version, reply[0].AsInt32(), reply[1].AsInt64(), reply[2].AsInt64() + reply[3].AsInt64(), nodes) { HandedOver = reply[5].AsInt64() };
    }

    /// <summary>
    /// Measures how this process's clock stands to the server's. From then on times that go into Redis are put on the server's clock, and those that come
    /// out of it on this process's; before, they pass as they are. One caller at a time.
    /// </summary>
    /// <param name="clock">The clock of this process's times.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What is used from now on: this measurement, or an earlier one that is still better.</returns>
    /// <exception cref="RedisException">The server does not tell its time.</exception>
    public Task<ClockOffset> MeasureClockAsync(RunClock clock, CancellationToken cancellation) => _clock.MeasureAsync(clock, cancellation);

    /// <summary>Says how many tasks the dispatch of this process will have; whoever waits for it needs to know.</summary>
    public async ValueTask BeginDispatchAsync(int total, CancellationToken cancellation)
    {
        _total = total;
        await SetTotalAsync(cancellation);
        _redis.ExpectWrites();
    }

    /// <summary>How many tasks the dispatch has in all; null when there is none.</summary>
    public async ValueTask<long?> DispatchTotalAsync(CancellationToken cancellation)
    {
        var total = await CallAsync(RespCommand.Of("HGET", $"tracekit:dispatch:{_options.DispatchId}", "total"), cancellation);
        return total.IsNull ? null : long.Parse(total.AsText(), CultureInfo.InvariantCulture);
    }

    /// <summary>Puts dead letters back at the tail of the line; returns how many.</summary>
    public async ValueTask<int> ReviveDeadAsync(int most, CancellationToken cancellation) =>
        (await _redis.CallAsync(ControlScripts.Revive.Command(0).Add((long)most), cancellation)).AsInt32();

    /// <summary>Leaves, steps down, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        await _scheduling.DisposeAsync();
        RedisNode[] nodes;
        lock (_nodes)
        {
            nodes = [.. _nodes.Values];
            _nodes.Clear();
        }

        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }

        await _changes.DisposeAsync();
        await _redis.DisposeAsync();
    }

    private (string Dispatch, TaskSpec Task) Next(TaskSpec task)
    {
        var dispatch = _options.DispatchId ?? throw new InvalidOperationException("a dispatch needs an id");
        return (dispatch, task with { Id = $"{dispatch}-{_pushed}", Dispatch = dispatch, TsEnqueue = _clock.NextEnqueueMs(task.TsEnqueue) });
    }

    private async ValueTask SetTotalAsync(CancellationToken cancellation) =>
        await CallAsync(new RespCommand("HSET").Add($"tracekit:dispatch:{_options.DispatchId}").Add("total").Add(_total!.Value), cancellation);

    // The reply says how many tasks of the dispatch the server has. Fewer than it had acknowledged: it crashed and forgot them.
    private async ValueTask SendAsync(RespCommand push, CancellationToken cancellation)
    {
        var has = (await CallAsync(push, cancellation)).AsInt64();
        _pushed++;
        _kept.Enqueue(push);
        if (_kept.Count > MaxKeptPushes)
        {
            _kept.Dequeue();
        }

        while (has < _pushed)
        {
            has = await SendLostAgainAsync(has, cancellation);
        }
    }

    private async ValueTask<long> SendLostAgainAsync(long has, CancellationToken cancellation)
    {
        // The last one was not acknowledged: it was refused because those before it are not there.
        var lost = _pushed - 1 - has;
        if (lost >= _kept.Count)
        {
            throw new TracekitException(
                $"{_redis.Endpoint.MaskedUrl}: the server has lost {lost} tasks that it had acknowledged, more than the {MaxKeptPushes} that are kept to be sent again: "
                + $"dispatch once more with the same flags and --dispatch-id {_options.DispatchId}, which sends what is missing");
        }

        _options.Report($"{_redis.Endpoint.MaskedUrl}: the server has lost {lost} tasks that it had acknowledged; they are sent again");
        if (_total is not null)
        {
            await SetTotalAsync(cancellation);
        }

        foreach (var push in _kept.Skip(_kept.Count - 1 - (int)lost).ToArray())
        {
            has = (await CallAsync(push, cancellation)).AsInt64();
        }

        return has;
    }

    // Every step may be sent again: what was executed already is found done.
    private ValueTask<RespValue> CallAsync(RespCommand command, CancellationToken cancellation) =>
        _redis.CallAsync(command, new CallPolicy(DateTimeOffset.MaxValue), cancellation);

    private RedisNode NodeOf(string node)
    {
        lock (_nodes)
        {
            return _nodes.TryGetValue(node, out var found) ? found : throw new TracekitException($"node {Printable.Line(node)} is not registered here");
        }
    }
}
