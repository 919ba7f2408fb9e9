namespace Tracekit.Redis;

/// <summary>
/// A connection of its own for commands that block on the server (BLPOP, BLMOVE, XREAD BLOCK), one at a time. A wait that is cancelled ends at once, by
/// CLIENT UNBLOCK over another connection; when the server had given an element at that very instant it is returned all the same, so that a cancelled
/// wait does not lose it.
/// </summary>
public sealed class RedisWaiter : IAsyncDisposable
{
    /// <summary>The longest timeout of a blocking command; wait again after it.</summary>
    public static readonly TimeSpan MaxServerTimeout = TimeSpan.FromHours(1);

    /// <summary>How long a cancelled wait may take to end before its connection is closed.</summary>
    private static readonly TimeSpan UnblockWithin = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan UnblockEvery = TimeSpan.FromMilliseconds(10);

    private readonly RedisOptions _options;
    private readonly LinkKeeper _keeper;
    private readonly RedisConnection _other;
    private readonly SemaphoreSlim _turn = new(1);

    private RedisWaiter(RedisOptions options, LinkKeeper keeper, RedisConnection other)
    {
        _options = options;
        _keeper = keeper;
        _other = other;
    }

    /// <summary>Connects and logs in.</summary>
    /// <param name="options">Where to and how.</param>
    /// <param name="other">A connection to the same server as the same user, for CLIENT UNBLOCK. It stays the caller's.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="RedisException">As <see cref="RedisConnection.ConnectAsync"/>.</exception>
    public static async Task<RedisWaiter> ConnectAsync(RedisOptions options, RedisConnection other, CancellationToken cancellation = default)
    {
        var keeper = new LinkKeeper(options);
        await keeper.StartAsync(cancellation).ConfigureAwait(false);
        return new RedisWaiter(options, keeper, other);
    }

    /// <summary>Sends a blocking command and waits for its reply; a null reply where its timeout has passed.</summary>
    /// <param name="command">The command, with its timeout among the arguments.</param>
    /// <param name="serverTimeout">
    /// That timeout: more than 0, at most <see cref="MaxServerTimeout"/>. A server that is silent for longer, and the command timeout on top, counts as dead.
    /// </param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="RedisServerException">The server answers with an error; what it refuses for now is sent again for a while, as by the other connection.</exception>
    /// <exception cref="RedisConnectionLostException">
    /// The connection broke; an element that the server had just taken off a list may be lost with it. BLMOVE keeps it on the server.
    /// </exception>
    public async ValueTask<RespValue> WaitAsync(RespCommand command, TimeSpan serverTimeout, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(serverTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(serverTimeout, MaxServerTimeout);
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var patience = new Patience(_options);
            while (true)
            {
                var reply = await WaitOnceAsync(command, serverTimeout, cancellation).ConfigureAwait(false);
                if (!reply.IsError || !_other.IsForNow(RedisErrorCode.Of(reply.RawBytes)) || patience.IsAtItsEnd())
                {
                    return Checked(command, reply);
                }

                await Task.Delay(_keeper.DelayAfter(patience.Failed++), _options.Time, cancellation).ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Closes the connection; a wait under way fails.</summary>
    public ValueTask DisposeAsync() => _keeper.DisposeAsync();

    private async Task<RespValue> WaitOnceAsync(RespCommand command, TimeSpan serverTimeout, CancellationToken cancellation)
    {
        var pending = new PendingReply(command, gate: null, serverTimeout);
        var link = await SendAsync(command, pending, cancellation).ConfigureAwait(false);
        var replied = pending.Reply.AsTask();
        try
        {
            return await replied.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return await UnblockAsync(link, replied, cancellation).ConfigureAwait(false);
        }
    }

    private async ValueTask<RedisLink> SendAsync(RespCommand command, PendingReply pending, CancellationToken cancellation)
    {
        RedisLink? link = null;
        do
        {
            link = await _keeper.GetAsync(command.Name, link, cancellation).ConfigureAwait(false);
        }
        while (!link.TrySend(command, pending));
        return link;
    }

    private RespValue Checked(RespCommand command, RespValue reply) => reply.IsError
        ? throw RedisServerException.Of($"{_options.Endpoint.MaskedUrl}: {command.Name}", reply.RawBytes)
        : reply;

    private async Task<RespValue> UnblockAsync(RedisLink link, Task<RespValue> replied, CancellationToken cancellation)
    {
        await TryUnblockAsync(link.ClientId, replied).ConfigureAwait(false);
        if (!replied.IsCompleted)
        {
            link.End("a cancelled wait did not end in time");
        }

        try
        {
            var reply = await replied.ConfigureAwait(false);
            return reply.IsNull ? throw new OperationCanceledException(cancellation) : reply;
        }
        catch (RedisConnectionLostException)
        {
            throw new OperationCanceledException(cancellation);
        }
    }

    /// <summary>Asks until the wait ends: the first request may overtake the command that is to be unblocked.</summary>
    private async Task TryUnblockAsync(long clientId, Task<RespValue> replied)
    {
        using var limit = new CancellationTokenSource(UnblockWithin, _options.Time);
        try
        {
            while (!replied.IsCompleted)
            {
                // Its reply is waited for: a request still on its way would end the next wait instead of this one.
                await _other.CallAsync(new RespCommand("CLIENT").Add("UNBLOCK").Add(clientId), limit.Token).ConfigureAwait(false);
                await Task.WhenAny(replied, Task.Delay(UnblockEvery, _options.Time, limit.Token)).ConfigureAwait(false);
                limit.Token.ThrowIfCancellationRequested();
            }
        }
        catch (Exception e) when (e is OperationCanceledException or RedisException)
        {
            // The caller then closes the connection, which ends the wait as well.
        }
    }
}
