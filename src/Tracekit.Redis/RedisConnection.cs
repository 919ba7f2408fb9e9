using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;

namespace Tracekit.Redis;

/// <summary>
/// A connection to a Redis server that many callers share. Calls that are not awaited one by one are pipelined; each gets its own reply. Calls that run
/// at the same time may reach the server in any order. Not for commands that block (<see cref="RedisWaiter"/>), subscribe
/// (<see cref="RedisSubscriber"/>) or change the connection (SELECT, AUTH, MULTI, WATCH, HELLO, CLIENT REPLY): others share it, and it may be another
/// one after a break.
/// </summary>
public sealed class RedisConnection : IAsyncDisposable
{
    /// <summary>How often one call waits for its script to be loaded. More than once where others flush the scripts meanwhile.</summary>
    private const int MaxScriptLoads = 10;

    private readonly RedisOptions _options;
    private readonly LinkKeeper _keeper;
    private readonly InFlightGate _gate;
    private readonly ConcurrentDictionary<string, Lazy<Task>> _loads = new();
    private volatile bool _expectsWrites;
    private long _toldOfRefusalAt;

    private RedisConnection(RedisOptions options, LinkKeeper keeper)
    {
        _options = options;
        _keeper = keeper;
        _gate = new InFlightGate(options.MaxInFlight, options.MaxInFlightBytes);
    }

    /// <summary>The server.</summary>
    public RedisEndpoint Endpoint => _options.Endpoint;

    /// <summary>True while there is a connection.</summary>
    public bool IsConnected => _keeper.Current is { Ended.IsCompleted: false };

    /// <summary>How many connections it has made so far. Another one may be to a server that was restarted, and forgot its last second.</summary>
    public long Connections => _keeper.LinksMade;

    /// <summary>Commands whose reply has not come, cancelled ones included.</summary>
    public int InFlight => _gate.Count;

    /// <summary>
    /// Says that this server has taken writes of ours. From now on READONLY is no wrong address but a server that is a replica for a while, and is waited
    /// out like LOADING.
    /// </summary>
    public void ExpectWrites() => _expectsWrites = true;

    /// <summary>True when the server refused a command for now, without running it.</summary>
    internal bool IsForNow(string code) => RedisErrorCode.IsTransient(code) || (_expectsWrites && code == RedisErrorCode.ReadOnly);

    /// <summary>Connects and logs in.</summary>
    /// <exception cref="RedisConnectException">Not reachable within the time, or not trusted.</exception>
    /// <exception cref="RedisServerException">The server refuses us.</exception>
    /// <exception cref="RespFormatException">The peer is no Redis server.</exception>
    public static async Task<RedisConnection> ConnectAsync(RedisOptions options, CancellationToken cancellation = default)
    {
        var keeper = new LinkKeeper(options);
        await keeper.StartAsync(cancellation).ConfigureAwait(false);
        return new RedisConnection(options, keeper);
    }

    /// <summary>Sends a command and waits for its reply.</summary>
    /// <param name="command">The command; not to be changed before the call ends.</param>
    /// <param name="cancellation">Stops the wait. What was sent is executed all the same; its reply is dropped when it comes.</param>
    /// <exception cref="RedisServerException">The server answers with an error.</exception>
    /// <exception cref="RedisConnectionLostException">The connection broke: see <see cref="RedisConnectionLostException.MayHaveExecuted"/>.</exception>
    public ValueTask<RespValue> CallAsync(RespCommand command, CancellationToken cancellation = default) =>
        CallAsync(command, CallPolicy.Once, cancellation);

    /// <summary>Sends a command and waits for its reply.</summary>
    /// <param name="command">The command; not to be changed before the call ends.</param>
    /// <param name="policy">What to do when the connection breaks.</param>
    /// <param name="cancellation">Stops the wait. What was sent is executed all the same; its reply is dropped when it comes.</param>
    /// <exception cref="RedisServerException">The server answers with an error.</exception>
    /// <exception cref="RedisConnectionLostException">The connection broke: see <see cref="RedisConnectionLostException.MayHaveExecuted"/>.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RespValue> CallAsync(RespCommand command, CallPolicy policy, CancellationToken cancellation)
    {
        var patience = new Patience(_options);
        while (true)
        {
            try
            {
                var reply = await SendAsync(command, cancellation).ConfigureAwait(false);
                if (!reply.IsError)
                {
                    return reply;
                }

                var code = RedisErrorCode.Of(reply.RawBytes);
                if (code == RedisErrorCode.NoScript && command.Script is { } script && patience.ScriptLoads++ < MaxScriptLoads)
                {
                    await LoadAsync(script, cancellation).ConfigureAwait(false);
                    continue;
                }

                if (!IsForNow(code) || patience.IsAtItsEnd() || policy.RetryUntil <= _options.Time.GetUtcNow())
                {
                    throw ErrorOf(command, reply);
                }

                TellOfRefusal(command, reply);
            }
            catch (RedisConnectionLostException) when (policy.RetryUntil > _options.Time.GetUtcNow())
            {
                // Below: wait a little and send it again.
            }

            await Task.Delay(_keeper.DelayAfter(patience.Failed++), _options.Time, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Closes the connection; calls under way fail.</summary>
    public ValueTask DisposeAsync() => _keeper.DisposeAsync();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<RespValue> SendAsync(RespCommand command, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var link = _keeper.Current ?? await _keeper.GetAsync(command.Name, null, cancellation).ConfigureAwait(false);
        await _gate.EnterAsync(command.EncodedLength, cancellation).ConfigureAwait(false);
        var pending = new PendingReply(command, _gate);
        try
        {
            while (!link.TrySend(command, pending))
            {
                link = await _keeper.GetAsync(command.Name, link, cancellation).ConfigureAwait(false);
            }
        }
        catch
        {
            pending.Leave();
            throw;
        }

        using var registration = cancellation.UnsafeRegister(static (p, token) => ((PendingReply)p!).Cancel(token), pending);
        return await pending.Reply.ConfigureAwait(false);
    }

    /// <summary>Loads a script once for all who find it missing at the same time. One who gives up does not take it from the others.</summary>
    private Task LoadAsync(RedisScript script, CancellationToken cancellation) =>
        _loads.GetOrAdd(script.Sha1, _ => new Lazy<Task>(() => LoadOnceAsync(script))).Value.WaitAsync(cancellation);

    private async Task LoadOnceAsync(RedisScript script)
    {
        try
        {
            await CallAsync(RespCommand.Of("SCRIPT", "LOAD", script.Text)).ConfigureAwait(false);
        }
        finally
        {
            // Before anyone learns that it is done: who finds the script missing after this loads it anew.
            _loads.TryRemove(script.Sha1, out _);
        }
    }

    // Once for all calls that are refused at the same time, and the last of these answers may come after others have been taken.
    private void TellOfRefusal(RespCommand command, RespValue reply)
    {
        var told = Volatile.Read(ref _toldOfRefusalAt);
        var isNews = told == 0 || _options.Time.GetElapsedTime(told) > _options.MaxTransientWait;
        if (isNews && Interlocked.CompareExchange(ref _toldOfRefusalAt, Math.Max(1, _options.Time.GetTimestamp()), told) == told)
        {
            _keeper.Report(RedisState.RefusedForNow, $"{ErrorOf(command, reply).Message}; trying again for up to {_options.MaxTransientWait.TotalSeconds:0.###} s");
        }
    }

    private RedisServerException ErrorOf(RespCommand command, RespValue reply) => RedisServerException.Of(
        $"{Endpoint.MaskedUrl}: {command.Name}", Encoding.UTF8.GetBytes(Endpoint.Redact(Encoding.UTF8.GetString(reply.RawBytes))));
}
