using System.Net.Sockets;
using System.Text;
using Tracekit.Model;

namespace Tracekit.Redis;

/// <summary>
/// One connection, from open to its one end. Commands go out in the order they were given, as many at once as have gathered; replies come back in the
/// same order and each meets the command it answers. Whatever goes wrong ends the link; nothing on it is guessed at afterwards.
/// </summary>
internal sealed class RedisLink : IThreadPoolWorkItem, IDisposable
{
    private const int ReadBytes = 64 * 1024;
    private const int ChecksPerTimeout = 4;

    private readonly Lock _lock = new();
    private readonly Stream _stream;
    private readonly RedisOptions _options;
    private readonly string _where;
    private readonly Func<RespValue, bool>? _push;
    private readonly Queue<PendingReply> _waiting = new();
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _watch;
    private OutputBuffer _filling = new();
    private OutputBuffer _sending = new();
    private PendingReply? _head;
    private long _nextSequence;
    private long _handedOver;
    private long _lastProgress;
    private bool _isWriting;
    private bool _isOver;

    /// <summary>A link on an open stream, which it owns.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="options">Limits and times.</param>
    /// <param name="push">Takes what comes without being asked for (pub/sub): true when it took it. Null where nothing of the kind may come.</param>
    public RedisLink(Stream stream, RedisOptions options, Func<RespValue, bool>? push)
    {
        _stream = stream;
        _options = options;
        _where = options.Endpoint.MaskedUrl;
        _push = push;
        _lastProgress = options.Time.GetTimestamp();
        var period = options.CommandTimeout / ChecksPerTimeout;
        _watch = options.Time.CreateTimer(static link => ((RedisLink)link!).Check(), this, period, period);
        _ = ReadAsync();
    }

    /// <summary>Ends when the link does: with the reason.</summary>
    public Task<string> Ended => _ended.Task;

    /// <summary>True when it ended because the peer sent what is no RESP.</summary>
    public bool IsForeign { get; private set; }

    /// <summary>The server's number of this connection (CLIENT ID).</summary>
    public long ClientId { get; set; }

    /// <summary>Sends a command. False when the link is over: <paramref name="pending"/> is untouched then.</summary>
    public bool TrySend(RespCommand command, PendingReply pending)
    {
        bool startWriting;
        lock (_lock)
        {
            if (_isOver)
            {
                return false;
            }

            if (_waiting.Count == 0 && _head is null)
            {
                Volatile.Write(ref _lastProgress, _options.Time.GetTimestamp());
            }

            pending.Sequence = _nextSequence++;
            _waiting.Enqueue(pending);
            _filling.Append(command.Encoded);
            startWriting = !_isWriting;
            _isWriting = true;
        }

        if (startWriting)
        {
            // Not here and now: what the caller and others send until a thread gets to it goes out in the same write.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        return true;
    }

    /// <summary>Sends a command of the link's own and waits for its reply.</summary>
    public ValueTask<RespValue> CallAsync(RespCommand command)
    {
        var pending = new PendingReply(command);
        return TrySend(command, pending) ? pending.Reply : throw new RedisConnectionLostException($"{_where}: {command.Name}: the connection is closed", false);
    }

    /// <summary>Ends the link; what waits fails.</summary>
    public void End(string reason)
    {
        PendingReply[] left;
        long handedOver;
        lock (_lock)
        {
            if (_isOver)
            {
                return;
            }

            _isOver = true;
            left = _head is null ? [.. _waiting] : [_head, .. _waiting];
            _waiting.Clear();
            handedOver = _handedOver;
        }

        _watch.Dispose();
        _stream.Dispose();

        // First the link is over for everyone, then its callers learn of it: one that tries again at once does not meet it.
        _ended.TrySetResult(reason);
        foreach (var pending in left)
        {
            var isSent = pending.Sequence < handedOver;
            var what = isSent ? "it may or may not have been executed" : "it was not sent";
            pending.Fail(new RedisConnectionLostException($"{_where}: {pending.Name}: {reason}; {what}", isSent));
        }
    }

    /// <summary>Ends the link.</summary>
    public void Dispose() => End("closed by this program");

    void IThreadPoolWorkItem.Execute() => _ = WriteAsync();

    private async Task WriteAsync()
    {
        try
        {
            while (TryTakeBatch())
            {
                await _stream.WriteAsync(_sending.Written).ConfigureAwait(false);
                _sending.Clear();
            }
        }
        catch (Exception e)
        {
            End(ReasonOf(e));
        }
    }

    private bool TryTakeBatch()
    {
        lock (_lock)
        {
            if (_filling.Length == 0 || _isOver)
            {
                _isWriting = false;
                return false;
            }

            (_filling, _sending) = (_sending, _filling);

            // From here on these count as sent, even if the write fails: how much of it went out is not known.
            _handedOver = _nextSequence;
            return true;
        }
    }

    private async Task ReadAsync()
    {
        var decoder = new RespDecoder(_options.Limits);
        var buffer = new byte[ReadBytes];
        try
        {
            while (true)
            {
                var length = await _stream.ReadAsync(buffer).ConfigureAwait(false);
                if (length == 0)
                {
                    End("the server closed the connection");
                    return;
                }

                Volatile.Write(ref _lastProgress, _options.Time.GetTimestamp());
                Decode(decoder, buffer.AsSpan(0, length));
            }
        }
        catch (Exception e)
        {
            IsForeign = e is RespFormatException;
            End(ReasonOf(e));
        }
    }

    private void Decode(RespDecoder decoder, ReadOnlySpan<byte> input)
    {
        while (!input.IsEmpty)
        {
            if (!decoder.TryRead(ref input, Head()?.Name ?? "unasked", out var value))
            {
                return;
            }

            if (_push is not null && _push(value))
            {
                continue;
            }

            if (Head() is not { } head)
            {
                // Also how a server greets one client too many, before any command.
                var text = value.IsError ? Encoding.UTF8.GetString(value.RawBytes) : throw new RespFormatException("a reply that no command asked for");
                End($"the server says: {Shown(text)}");
                return;
            }

            head.Complete(value);
            Volatile.Write(ref _head, null);
        }
    }

    /// <summary>The command that the next reply answers. It stays that until its reply is whole.</summary>
    private PendingReply? Head()
    {
        if (_head is not null)
        {
            return _head;
        }

        lock (_lock)
        {
            _waiting.TryDequeue(out _head);
            return _head;
        }
    }

    private void Check()
    {
        TimeSpan allowed;
        lock (_lock)
        {
            var oldest = _head ?? (_waiting.TryPeek(out var first) ? first : null);
            if (oldest is null)
            {
                return;
            }

            allowed = _options.CommandTimeout + oldest.Allowance;
        }

        if (_options.Time.GetElapsedTime(Volatile.Read(ref _lastProgress)) >= allowed)
        {
            End($"no reply within {allowed.TotalSeconds:0.###} s");
        }
    }

    private string ReasonOf(Exception e)
    {
        // The socket's own text stands in the inner exception; the outer one is about streams.
        var text = e is IOException { InnerException: SocketException inner } ? inner.Message : e.Message;
        return Shown(text);
    }

    private string Shown(string text) => Printable.Line(_options.Endpoint.Redact(text));
}
