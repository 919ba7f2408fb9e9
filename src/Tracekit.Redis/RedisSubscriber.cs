using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;

namespace Tracekit.Redis;

/// <summary>
/// A connection of its own that listens to channels. After a break it subscribes again and says with a gap message that some may have been missed:
/// pub/sub keeps nothing for those who are away. A message is a hint to look at the state, never the state.
/// </summary>
public sealed class RedisSubscriber : IAsyncDisposable
{
    /// <summary>Messages that wait to be read; those beyond are dropped and a gap message stands for them.</summary>
    public const int MaxQueued = 4096;

    private readonly RedisOptions _options;
    private readonly string[] _channels;
    private readonly byte[][] _names;
    private readonly Channel<RedisMessage> _messages =
        Channel.CreateBounded<RedisMessage>(new BoundedChannelOptions(MaxQueued) { SingleReader = false, SingleWriter = false });

    private readonly LinkKeeper _keeper;
    private readonly ITimer _ping;
    private bool _wasSubscribed;
    private int _hasGap;

    private RedisSubscriber(RedisOptions options, string[] channels)
    {
        var told = options.StateChanged;
        _options = options with { StateChanged = change => OnStateChanged(change, told) };
        _channels = channels;
        _names = [.. channels.Select(Encoding.UTF8.GetBytes)];
        _keeper = new LinkKeeper(_options, SubscribeAsync, TryTake);
        var period = options.CommandTimeout / 2;
        _ping = options.Time.CreateTimer(static s => ((RedisSubscriber)s!).Ping(), this, period, period);
    }

    /// <summary>True when messages were missed and nobody has read of it.</summary>
    internal bool HasGap => Volatile.Read(ref _hasGap) != 0;

    /// <summary>Connects, logs in and subscribes; what is published from now on is read.</summary>
    /// <param name="options">Where to and how.</param>
    /// <param name="channels">The channels; they stay the same.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="RedisException">As <see cref="RedisConnection.ConnectAsync"/>.</exception>
    public static async Task<RedisSubscriber> ConnectAsync(RedisOptions options, IEnumerable<string> channels, CancellationToken cancellation = default)
    {
        var subscriber = new RedisSubscriber(options, [.. channels]);
        try
        {
            await subscriber._keeper.StartAsync(cancellation).ConfigureAwait(false);
            return subscriber;
        }
        catch
        {
            await subscriber.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits for the next message or gap.</summary>
    /// <exception cref="RedisException">The server refuses us, or the subscriber is closed: nothing comes any more.</exception>
    public async ValueTask<RedisMessage> ReadAsync(CancellationToken cancellation)
    {
        RedisMessage message;
        while (!TryRead(out message))
        {
            if (!await _messages.Reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
            {
                throw new RedisException($"{_options.Endpoint.MaskedUrl}: the subscriber is closed");
            }
        }

        return message;
    }

    /// <summary>The next message or gap, if there is one.</summary>
    public bool TryRead(out RedisMessage message)
    {
        while (true)
        {
            if (Interlocked.Exchange(ref _hasGap, 0) != 0)
            {
                message = default;
                return true;
            }

            if (!_messages.Reader.TryRead(out message))
            {
                return false;
            }

            // A mark only wakes: the flag has told of the gap already.
            if (!message.IsGap)
            {
                return true;
            }
        }
    }

    /// <summary>All messages and gaps, until cancelled.</summary>
    public async IAsyncEnumerable<RedisMessage> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            yield return await ReadAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Closes the connection; reads fail.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ping.DisposeAsync().ConfigureAwait(false);
        await _keeper.DisposeAsync().ConfigureAwait(false);
        _messages.Writer.TryComplete();
    }

    private async ValueTask SubscribeAsync(RedisLink link)
    {
        // One command a channel: each has exactly one reply.
        Task<RespValue>[] calls = [.. _channels.Select(c => link.CallAsync(RespCommand.Of("SUBSCRIBE", c)).AsTask())];
        foreach (var call in calls)
        {
            var reply = await call.ConfigureAwait(false);
            if (reply.IsError)
            {
                throw RedisServerException.Of($"{_options.Endpoint.MaskedUrl}: SUBSCRIBE", reply.RawBytes);
            }
        }

        if (_wasSubscribed)
        {
            MarkGap();
        }

        _wasSubscribed = true;
    }

    private bool TryTake(RespValue value)
    {
        if (value.Kind != RespKind.Array || value.Count != 3 || !value[0].RawBytes.SequenceEqual("message"u8))
        {
            return false;
        }

        if (!_messages.Writer.TryWrite(new RedisMessage(ChannelOf(value[1].RawBytes), value[2].AsBytes())))
        {
            MarkGap();
        }

        return true;
    }

    /// <summary>The name that was subscribed to; no text is made for each message.</summary>
    private string ChannelOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < _names.Length; i++)
        {
            if (name.SequenceEqual(_names[i]))
            {
                return _channels[i];
            }
        }

        return Encoding.UTF8.GetString(name);
    }

    private void MarkGap()
    {
        Volatile.Write(ref _hasGap, 1);

        // Wakes a reader. Where the queue is full none sleeps, and the next read looks at the flag first.
        _messages.Writer.TryWrite(default);
    }

    private void OnStateChanged(RedisStateChange change, Action<RedisStateChange>? told)
    {
        if (change.State == RedisState.Refused)
        {
            _messages.Writer.TryComplete(new RedisException(change.ToString()));
        }

        told?.Invoke(change);
    }

    private void Ping()
    {
        // Its reply matters to the link alone, which ends when none comes.
        if (_keeper.Current is { } link)
        {
            var ping = new RespCommand("PING");
            link.TrySend(ping, new PendingReply(ping));
        }
    }
}
