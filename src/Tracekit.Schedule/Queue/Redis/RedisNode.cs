using System.Globalization;
using System.Text.Json;
using Tracekit.Model;
using Tracekit.Redis;

namespace Tracekit.Schedule;

/// <summary>A worker's side: registers its node, says that it lives, takes tasks and reports how they ended.</summary>
internal sealed class RedisNode : IAsyncDisposable
{
    /// <summary>By how much two reads of the end of a lease may differ though nobody renewed it: each is rounded to a millisecond.</summary>
    private const long LeaseRoundingMs = 5;

    // Also how long it stays unnoticed that the key became another program's: a wait that has begun is not told.
    private static readonly TimeSpan TakeTimeout = TimeSpan.FromSeconds(20);

    // A worker that waits for the lease of an earlier one looks this often whether that one renews it.
    private static readonly TimeSpan LookAtLease = TimeSpan.FromMilliseconds(200);

    private readonly RedisControlOptions _options;
    private readonly NodeRegistration _node;
    private readonly RedisConnection _redis;
    private readonly ServerClock _clock;
    private readonly RedisWaiter _queue;
    private readonly string _worker;
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<long, Held> _held = [];
    private Task _beating = Task.CompletedTask;
    private long _lastTicket;
    private readonly CancellationTokenSource _replaced = new();
    private volatile UsageException? _replacedBy;
    private bool _lookIntoInbox = true;

    private RedisNode(RedisControlOptions options, NodeRegistration node, RedisConnection redis, ServerClock clock, RedisWaiter queue)
    {
        _options = options;
        _node = node;
        _redis = redis;
        _clock = clock;
        _queue = queue;
        _worker = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid():N}");
    }

    /// <summary>
    /// Registers a node. What an earlier worker of that name left of its lease is waited for: it may have been killed a moment ago. One that renews its
    /// lease is alive.
    /// </summary>
    /// <exception cref="UsageException">A worker of that node lives already.</exception>
    public static async Task<RedisNode> JoinAsync(
        RedisControlOptions options, NodeRegistration node, RedisConnection redis, ServerClock clock, CancellationToken cancellation)
    {
        var queue = await RedisWaiter.ConnectAsync(options.Redis with { StateChanged = null }, redis, cancellation);
        var joined = new RedisNode(options, node, redis, clock, queue);
        try
        {
            await joined.RegisterInTurnAsync(cancellation);
        }
        catch
        {
            await queue.DisposeAsync();
            throw;
        }

        redis.ExpectWrites();
        joined._beating = joined.BeatAsync(joined._ending.Token);
        return joined;
    }

    /// <summary>Waits for the next task.</summary>
    public async ValueTask<DispatchedTask> TakeAsync(CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _replaced.Token);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_replacedBy is { } replaced)
            {
                throw new UsageException(replaced.Message);
            }

            ReadOnlyMemory<byte>? json;
            try
            {
                json = await NextAsync(ending.Token);
            }
            catch (OperationCanceledException) when (_replacedBy is not null)
            {
                continue;
            }

            if (json is { } bytes && await AcceptAsync(bytes, cancellation) is { } task)
            {
                return task;
            }
        }
    }

    /// <summary>Reports how a task ended. When Redis is away, it waits for it.</summary>
    public async ValueTask<bool> CompleteAsync(DispatchedTask task, TaskOutcome outcome, Invocation? record, CancellationToken cancellation)
    {
        Held? held;
        lock (_lock)
        {
            if (!_held.TryGetValue(task.Id, out held))
            {
                return false;
            }
        }

        var result = new TaskResult(
            held.Id, _node.NodeId, held.Attempt, Word(outcome), record?.Status, record?.TraceId, record?.Pid, task.Task.Seq,
            _clock.ToServerMs(record?.TsEnqueue), _clock.ToServerMs(record?.TsStart), _clock.ToServerMs(record?.TsEnd), record?.CpuTimeMs, record?.Error);
        var command = ControlScripts.Complete.Command(0).Add(_node.NodeId).Add(held.Id).Add((long)held.Attempt).Add(Word(outcome))
            .Add(JsonSerializer.SerializeToUtf8Bytes(result, TaskJson.Default.TaskResult)).Add((long)_options.MaxAttempts);
        var word = (await CallAsync(command, cancellation)).AsText();
        lock (_lock)
        {
            _held.Remove(task.Id);
        }

        held.Dispose();
        if (word == "stale")
        {
            _options.Report($"the result of {held.Id}, attempt {held.Attempt}, came too late: the task had been given to another");
        }

        return word != "stale";
    }

    /// <summary>Leaves in good order.</summary>
    public async ValueTask LeaveAsync(CancellationToken cancellation)
    {
        await StopAsync();
        try
        {
            var command = ControlScripts.Leave.Command(0).Add(_node.NodeId).Add(_worker).Add((long)_options.MaxAttempts);
            await _redis.CallAsync(command, CallPolicy.RetryFor(_options.Lease, TimeProvider.System), cancellation);
        }
        catch (RedisException e)
        {
            _options.Report($"could not leave in good order, the node's lease runs out by itself: {e.Message}");
        }

        await _queue.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _queue.DisposeAsync();
    }

    private static string Word(TaskOutcome outcome) => outcome switch
    {
        TaskOutcome.Succeeded => "succeeded",
        TaskOutcome.Failed => "failed",
        _ => "returned",
    };

    private async Task StopAsync()
    {
        await _ending.CancelAsync();
        await _beating;
    }

    private async ValueTask RegisterInTurnAsync(CancellationToken cancellation)
    {
        OtherWorker? waitedFor = null;
        while (await TryRegisterAsync(_options.ResetCapacity, _options.ClearQueue, cancellation) is { } other)
        {
            waitedFor ??= ToldToWaitFor(other);
            if (other.Worker != waitedFor.Worker || other.AliveUntilMs - waitedFor.AliveUntilMs > LeaseRoundingMs)
            {
                throw Taken(other);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(Math.Clamp(other.LeftMs + 1, 1, LookAtLease.TotalMilliseconds)), cancellation);
        }
    }

    private OtherWorker ToldToWaitFor(OtherWorker other)
    {
        var until = DateTimeOffset.FromUnixTimeMilliseconds(other.AliveUntilMs).ToString("HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        _options.Report($"another worker of node {_node.NodeId} ({Printable.Line(other.Worker)}) is alive until {until} if it does not renew its lease; waiting");
        return other;
    }

    private async ValueTask RegisterAnewAsync(CancellationToken cancellation)
    {
        if (await TryRegisterAsync(resetCapacity: false, clearQueue: false, cancellation) is { } other)
        {
            throw Taken(other);
        }
    }

    private UsageException Taken(OtherWorker other) =>
        new($"node {_node.NodeId} has a worker already ({Printable.Line(other.Worker)}): choose another --node-id, or stop that one");

    // Null when it is done.
    private async ValueTask<OtherWorker?> TryRegisterAsync(bool resetCapacity, bool clearQueue, CancellationToken cancellation)
    {
        var description = JsonSerializer.SerializeToUtf8Bytes(
            new NodeDescriptionRecord(_worker, Environment.MachineName, Environment.ProcessId, _node.CapacityUnits, _node.Slots, _node.LogicalCores, _node.AllocationRatio),
            TaskJson.Default.NodeDescriptionRecord);
        var command = ControlScripts.Register.Command(0)
            .Add(_node.NodeId).Add(_worker).Add((long)_options.Lease.TotalMilliseconds).Add((long)_node.CapacityUnits).Add((long)(_node.Slots ?? 0))
            .Add((long)_node.LogicalCores).Add(_node.AllocationRatio.ToString(CultureInfo.InvariantCulture)).Add(resetCapacity ? 1L : 0L).Add(clearQueue ? 1L : 0L)
            .Add((long)_options.MaxAttempts).Add(description);
        var reply = await CallAsync(command, cancellation);
        if (reply[0].AsText() != "ok")
        {
            return new OtherWorker(reply[1].AsText(), reply[2].AsInt64(), reply[3].AsInt64());
        }

        if (reply[1].AsInt64() > 0)
        {
            _options.Report($"{reply[1].AsInt64()} tasks of an earlier worker of node {_node.NodeId} go back to the line");
        }

        return null;
    }

    private async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken cancellation)
    {
        var inbox = ControlKeys.InboxOf(_node.NodeId);
        try
        {
            // What was moved while the reply got lost is still there.
            if (_lookIntoInbox)
            {
                var moved = await CallAsync(RespCommand.Of("LINDEX", inbox, "0"), cancellation);
                if (!moved.IsNull)
                {
                    return moved.AsBytes();
                }

                _lookIntoInbox = false;
            }

            var command = RespCommand.Of("BLMOVE", ControlKeys.QueueOf(_node.NodeId), inbox, "LEFT", "RIGHT").Add((long)TakeTimeout.TotalSeconds);
            var next = await _queue.WaitAsync(command, TakeTimeout, cancellation);
            return next.IsNull ? null : next.AsBytes();
        }
        catch (RedisConnectionLostException)
        {
            _lookIntoInbox = true;
            return null;
        }
        catch (OperationCanceledException)
        {
            _lookIntoInbox = true;
            throw;
        }
    }

    private async ValueTask<DispatchedTask?> AcceptAsync(ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        TaskSpec task;
        try
        {
            task = TaskSpec.Parse(json.Span, ControlKeys.QueueOf(_node.NodeId));
        }
        catch (TraceFormatException)
        {
            // What it is, the worker says when it refuses it.
            task = new TaskSpec();
        }

        var reply = await CallAsync(
            ControlScripts.Accept.Command(0).Add(_node.NodeId).Add(_worker).Add(json.Span).Add(Guid.NewGuid().ToString())
                .Add((long)(task.CpuUnits is >= 1 and <= TaskFaults.MaxCpuUnits ? task.CpuUnits : TaskSpec.DefaultCpuUnits)), cancellation);
        if (reply[0].AsText() != "run")
        {
            return null;
        }

        var held = new Held(reply[1].AsText(), int.Parse(reply[2].AsText(), CultureInfo.InvariantCulture));
        lock (_lock)
        {
            if (_held.Values.Any(h => h.Id == held.Id && h.Attempt == held.Attempt))
            {
                // A server that lost its last second gave it out once more: it runs here already.
                held.Dispose();
                return null;
            }

            _held.Add(++_lastTicket, held);
            var local = task with { TsEnqueue = _clock.ToLocalMs(task.TsEnqueue) };
            return new DispatchedTask(_lastTicket, _node.NodeId, local, reply[3].AsTextOrNull() == "1") { TakenBack = held.TakenBack.Token };
        }
    }

    private async Task BeatAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await Task.Delay(_options.Lease / 4, cancellation);
                try
                {
                    await BeatOnceAsync(cancellation);
                }
                catch (UsageException e)
                {
                    // While this worker was away another took its name: it must take no more tasks.
                    _replacedBy = e;
                    await _replaced.CancelAsync();
                    return;
                }
                catch (RedisException e)
                {
                    _options.Report($"node {_node.NodeId}: {e.Message}");
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Leaving.
        }
    }

    private async Task BeatOnceAsync(CancellationToken cancellation)
    {
        var command = ControlScripts.Heartbeat.Command(0).Add(_node.NodeId).Add(_worker).Add((long)_options.Lease.TotalMilliseconds);
        lock (_lock)
        {
            foreach (var held in _held.Values)
            {
                command.Add(held.Id).Add((long)held.Attempt);
            }
        }

        var reply = await CallAsync(command, cancellation);
        for (var i = 1; i + 1 < reply.Count; i += 2)
        {
            TakenBack(reply[i].AsText(), int.Parse(reply[i + 1].AsText(), CultureInfo.InvariantCulture));
        }

        if (reply[0].AsText() == "gone")
        {
            _options.Report($"node {_node.NodeId} was thought dead and registers anew");
            await RegisterAnewAsync(cancellation);
            _lookIntoInbox = true;
        }
    }

    // Its result would be refused; what it still uses is better spent on tasks that count. The task may be here again already, as a later attempt, which
    // counts.
    private void TakenBack(string id, int attempt)
    {
        lock (_lock)
        {
            foreach (var held in _held.Values.Where(h => h.Id == id && h.Attempt == attempt && !h.TakenBack.IsCancellationRequested))
            {
                _options.Report($"task {id} was given to another while node {_node.NodeId} was away; it is ended here");
                held.TakenBack.CancelAsync();
            }
        }
    }

    private ValueTask<RespValue> CallAsync(RespCommand command, CancellationToken cancellation) =>
        _redis.CallAsync(command, new CallPolicy(DateTimeOffset.MaxValue), cancellation);

    // Another worker of this node, and its lease by the server's clock.
    private sealed record OtherWorker(string Worker, long AliveUntilMs, long LeftMs);

    private sealed record Held(string Id, int Attempt) : IDisposable
    {
        public CancellationTokenSource TakenBack { get; } = new();

        public void Dispose() => TakenBack.Dispose();
    }
}
