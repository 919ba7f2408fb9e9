using Tracekit.Model;
using Tracekit.Redis;

namespace Tracekit.Schedule;

/// <summary>
/// The scheduler's side: holds or awaits the lead, decides by the pure policy on a state that it read, and has that carried out if the state still is what
/// it was. Many heads in one round trip; the result is as if they had been dispatched one by one.
/// </summary>
internal sealed class RedisScheduling : IAsyncDisposable
{
    // Heads that are asked for, decided on and dispatched at a time: as many as went last time and more, so that a blocked line is not read over and over.
    private const int LeastHeads = 16;
    private const int MostHeads = 512;
    private const int HeadsGrowth = 4;

    /// <summary>How many times in a row a state may turn out to be outdated before the others are let go on for a moment.</summary>
    private const int MaxMoves = 100;

    // Nodes that keep no records with us tell nobody of what they give back; while one is there, a blocked line is looked at again after this.
    private static readonly TimeSpan LookAgainForPlainNodes = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LineTimeout = TimeSpan.FromSeconds(20);

    private readonly RedisControlOptions _options;
    private readonly RedisConnection _redis;
    private readonly ChangeSignal _changes;
    private readonly RedisWaiter _line;
    private readonly RedisLead _lead;
    private SchedulingState? _state;
    private IReadOnlyList<string> _plainNodes = [];
    private long _connections;
    private string _token = "";
    private int _heads = LeastHeads;
    private DispatchOutcome _last;
    private int _moves;

    public RedisScheduling(RedisControlOptions options, RedisConnection redis, ChangeSignal changes, RedisWaiter line)
    {
        _options = options;
        _redis = redis;
        _changes = changes;
        _line = line;
        _lead = new RedisLead(options, redis, changes);
    }

    /// <summary>Dispatches as many heads as fit, up to a batch.</summary>
    public async ValueTask<DispatchResult> DispatchAsync(HostWeigher weigher, CancellationToken cancellation)
    {
        var seen = _changes.Version;
        var isFresh = false;
        while (true)
        {
            await _lead.WaitAsync(cancellation);
            ForgetOutdated();
            if (_state is not { } state)
            {
                seen = _changes.Version;
                isFresh = await ReadAsync(cancellation);
                continue;
            }

            var plan = DispatchBatch.Plan(state, weigher, _heads);
            if (plan.Count > 0)
            {
                var (word, done) = await CarryOutAsync(plan, state, cancellation);
                if (done > 0)
                {
                    _moves = 0;
                    return new DispatchResult(DispatchOutcome.Dispatched, seen, plan.Last, plan.LastNode);
                }

                isFresh = false;
                if (word == "held")
                {
                    await BuryHeadAsync(plan.Steps[0].Head, $"id {plan.Steps[0].Id} is that of a task that is dispatched already", cancellation);
                }
                else if (++_moves % MaxMoves == 0)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(1), cancellation);
                }
            }
            else if (!isFresh)
            {
                // What came with the last dispatch says that there is nothing to do: look whether that is still so.
                seen = _changes.Version;
                isFresh = await ReadAsync(cancellation);
            }
            else if (plan.Malformed is { } reason)
            {
                isFresh = false;
                await BuryHeadAsync(state.Heads[0], reason, cancellation);
            }
            else if (plan.Outcome != DispatchOutcome.Empty && state.Age > LookAgain)
            {
                // Before a line is blocked, all is read: somebody may have mended an account by hand.
                _state = null;
            }
            else
            {
                _last = plan.Outcome;
                return new DispatchResult(plan.Outcome, seen, plan.Blocked);
            }
        }
    }

    /// <summary>Waits until a dispatch may come to another result.</summary>
    public async ValueTask<long> WaitAsync(long seen, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var changed = _changes.ChangedAsync(seen, ending.Token);
        if (!changed.IsCompleted)
        {
            // A dispatcher that knows only the contract's keys publishes nothing, but its push ends this wait: moving the head of a list to its head
            // changes nothing, and blocks while there is none.
            var other = _last == DispatchOutcome.Empty && _lead.IsLeading
                ? LineNotEmptyAsync(ending.Token)
                : Task.Delay(_state is { HasPlainNodes: true } ? LookAgainForPlainNodes : LookAgain, ending.Token);
            await Task.WhenAny(changed, other);
            await ending.CancelAsync();
            await Task.WhenAll(Quietly(changed), Quietly(other));
            cancellation.ThrowIfCancellationRequested();
        }

        return _changes.Version;
    }

    public async ValueTask DisposeAsync()
    {
        await _lead.DisposeAsync();
        await _line.DisposeAsync();
    }

    private async Task LineNotEmptyAsync(CancellationToken cancellation)
    {
        var command = RespCommand.Of("BLMOVE", ControlKeys.Pending, ControlKeys.Pending, "LEFT", "LEFT").Add((long)LineTimeout.TotalSeconds);
        await _line.WaitAsync(command, LineTimeout, cancellation);
    }

    private static async Task Quietly(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception e) when (e is OperationCanceledException or RedisConnectionLostException)
        {
            // The other wait ended first, or the connection broke: the next call finds out which.
        }
    }

    // What a server tells after a restart may not follow from what it told before; another may have led in between; and plain nodes are known from us.
    private void ForgetOutdated()
    {
        var token = _lead.Token;
        if (_connections != _redis.Connections || _token != token || !ReferenceEquals(_plainNodes, _lead.PlainNodes))
        {
            _connections = _redis.Connections;
            _token = token;
            _plainNodes = _lead.PlainNodes;
            _state = null;
        }
    }

    private RespCommand Ask(string decidedOn)
    {
        var command = ControlScripts.Dispatch.Command(0).Add(_token).Add(decidedOn).Add((long)_heads).Add((long)_plainNodes.Count);
        foreach (var node in _plainNodes)
        {
            command.Add(node);
        }

        return command;
    }

    // Returns whether the state is known now.
    private async ValueTask<bool> ReadAsync(CancellationToken cancellation)
    {
        Learn(await CallAsync(Ask(_state?.Version ?? ""), cancellation));
        return _state is not null;
    }

    // Returns how many steps were carried out, and the server's word for why not the rest.
    private async ValueTask<(string Word, int Done)> CarryOutAsync(DispatchBatch plan, SchedulingState state, CancellationToken cancellation)
    {
        var command = Ask(state.Version);
        foreach (var step in plan.Steps)
        {
            command.Add(step.Head.Span).Add(step.Json.Equals(step.Head) ? default : step.Json.Span).Add(step.Id).Add(step.Node).Add((long)step.Units).Add(step.TakesSlot ? 1L : 0L)
                .Add(step.KeepsRecords ? 1L : 0L).Add(step.Dispatch);
        }

        // Until the reply says what came of it, nothing is known.
        _state = null;
        RespValue reply;
        try
        {
            reply = await _redis.CallAsync(command, cancellation);
        }
        catch (RedisConnectionLostException)
        {
            // Perhaps carried out, perhaps not: the state tells, and it is read again next.
            return ("lost", 0);
        }

        var done = reply.Count > 1 ? reply[1].AsInt32() : 0;
        plan.Undo(state, done);
        _state = state;
        _heads = done == _heads ? Math.Min(MostHeads, _heads * HeadsGrowth) : Math.Clamp(done * 2, LeastHeads, MostHeads);
        Learn(reply);
        return (reply[0].AsText(), done);
    }

    private void Learn(RespValue reply)
    {
        if (reply[0].AsText() == "fenced")
        {
            _state = null;
            _lead.Lost(_token);
            return;
        }

        // Read over a connection that was made meanwhile: it does not follow from what was known.
        _state = _connections == _redis.Connections ? SchedulingState.After(_state, reply) : null;
    }

    private async ValueTask BuryHeadAsync(ReadOnlyMemory<byte> head, string reason, CancellationToken cancellation)
    {
        _options.Report($"a task goes to the dead letters: {reason}");
        await CallAsync(ControlScripts.BuryHead.Command(0).Add(_token).Add(head.Span).Add(reason), cancellation);
    }

    private ValueTask<RespValue> CallAsync(RespCommand command, CancellationToken cancellation) =>
        _redis.CallAsync(command, new CallPolicy(DateTimeOffset.MaxValue), cancellation);
}
