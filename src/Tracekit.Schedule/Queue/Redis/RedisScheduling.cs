using Tracekit.Model;
using Tracekit.Redis;

namespace Tracekit.Schedule;

/// <summary>
/// The scheduler's side: holds or awaits the lead, decides by the pure policy on a state that it read, and has that carried out if the state still is what
/// it was. Many heads in one round trip; the result is as if they had been dispatched one by one.
/// </summary>
internal sealed class RedisScheduling : IAsyncDisposable
{
    /// <summary>Heads that are decided on and dispatched at a time.</summary>
    public const int BatchTasks = 512;

    /// <summary>How many times in a row a state may turn out to be outdated before the others are let go on for a moment.</summary>
    private const int MaxMoves = 100;

    // Nodes that keep no records with us tell nobody of what they give back; while one is there, a blocked line is looked at again after this.
    private static readonly TimeSpan LookAgainForPlainNodes = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LineTimeout = TimeSpan.FromMinutes(10);

    private readonly RedisControlOptions _options;
    private readonly RedisConnection _redis;
    private readonly ChangeSignal _changes;
    private readonly RedisWaiter _line;
    private readonly RedisLead _lead;
    private DispatchOutcome _last;
    private bool _hasPlainNodes;
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
        await _lead.WaitAsync(cancellation);
        while (true)
        {
            var seen = _changes.Version;
            var state = await ReadAsync(cancellation);
            var plan = DispatchBatch.Plan(state, weigher);
            if (plan.Malformed is { } reason)
            {
                await BuryHeadAsync(state.Heads[plan.Count], plan.Count, reason, plan, state, cancellation);
                continue;
            }

            if (plan.Count == 0)
            {
                _last = plan.Outcome;
                _hasPlainNodes = state.HasPlainNodes;
                return new DispatchResult(plan.Outcome, seen, plan.Blocked);
            }

            var (word, done) = await CarryOutAsync(plan, state, cancellation);
            if (word == "fenced")
            {
                _lead.Lost();
                await _lead.WaitAsync(cancellation);
            }
            else if (done > 0)
            {
                _moves = 0;
                return new DispatchResult(DispatchOutcome.Dispatched, seen, plan.Last, plan.LastNode);
            }
            else if (++_moves % MaxMoves == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), cancellation);
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
                : Task.Delay(_hasPlainNodes ? LookAgainForPlainNodes : LookAgain, ending.Token);
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
        catch (Exception e) when (e is OperationCanceledException or RedisException)
        {
            // The other wait ended first, or the connection broke: the next call finds out which.
        }
    }

    private async ValueTask<SchedulingState> ReadAsync(CancellationToken cancellation)
    {
        var command = ControlScripts.State.Command(0).Add((long)BatchTasks);
        foreach (var node in _lead.PlainNodes)
        {
            command.Add(node);
        }

        return SchedulingState.From(await CallAsync(command, cancellation));
    }

    private async ValueTask<(string Word, int Done)> CarryOutAsync(DispatchBatch plan, SchedulingState state, CancellationToken cancellation)
    {
        var command = ControlScripts.Dispatch.Command(0).Add(_lead.Token).Add(state.Version);
        foreach (var step in plan.Steps)
        {
            command.Add(step.Head.Span).Add(step.Json.Equals(step.Head) ? default : step.Json.Span).Add(step.Id).Add(step.Node).Add((long)step.Units).Add(step.TakesSlot ? 1L : 0L)
                .Add(step.KeepsRecords ? 1L : 0L).Add(step.Dispatch);
        }

        try
        {
            var reply = await _redis.CallAsync(command, cancellation);
            return (reply[0].AsText(), reply[1].AsInt32());
        }
        catch (RedisConnectionLostException)
        {
            // Perhaps carried out, perhaps not: the state tells, and it is read again next.
            return ("moved", 0);
        }
    }

    // Tasks before the malformed one go first, so that the line keeps its order.
    private async ValueTask BuryHeadAsync(
        ReadOnlyMemory<byte> head, int before, string reason, DispatchBatch plan, SchedulingState state, CancellationToken cancellation)
    {
        if (before > 0)
        {
            await CarryOutAsync(plan, state, cancellation);
            return;
        }

        _options.Report($"a task goes to the dead letters: {reason}");
        await CallAsync(ControlScripts.BuryHead.Command(0).Add(_lead.Token).Add(head.Span).Add(reason), cancellation);
    }

    private ValueTask<RespValue> CallAsync(RespCommand command, CancellationToken cancellation) =>
        _redis.CallAsync(command, new CallPolicy(DateTimeOffset.MaxValue), cancellation);
}
