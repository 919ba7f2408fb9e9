using System.Buffers.Text;

namespace Tracekit.Redis;

/// <summary>
/// RESP2 replies from bytes that come in pieces (Redis serialization protocol specification). Pure: it keeps what it has of an unfinished reply and
/// goes on at the next piece, whatever byte the cut is at. Allocates what it hands out and nothing else. The peer is hostile until its reply is
/// whole: every length is checked before memory is taken, and memory grows with what has come, not with what was announced.
/// </summary>
public sealed class RespDecoder
{
    private const int FirstBulkBytes = 64 * 1024;
    private const int FirstArrayItems = 256;

    private readonly RespLimits _limits;
    private readonly Frame[] _frames;
    private byte[] _line = new byte[128];
    private int _lineLength;
    private byte[]? _bulk;
    private int _bulkLength;
    private int _bulkFilled;
    private int _bulkEndSeen;
    private int _depth;
    private long _replyBytes;

    /// <summary>Waits for the first byte of a reply.</summary>
    public RespDecoder(RespLimits limits)
    {
        _limits = limits;
        _frames = new Frame[limits.MaxDepth];
    }

    /// <summary>True between the first byte of a reply and its last.</summary>
    public bool IsInReply => _lineLength > 0 || _bulk is not null || _depth > 0;

    /// <summary>Reads the next reply.</summary>
    /// <param name="input">What has come; what is used of it is taken off its head.</param>
    /// <param name="command">The command that it answers, for errors.</param>
    /// <param name="value">The reply.</param>
    /// <returns>False when all of <paramref name="input"/> is used and the reply is not whole yet.</returns>
    /// <exception cref="RespFormatException">This is no RESP2, or beyond a limit. Do not go on.</exception>
    public bool TryRead(ref ReadOnlySpan<byte> input, string? command, out RespValue value)
    {
        while (true)
        {
            if (_bulk is not null)
            {
                if (!TryFillBulk(ref input, command, out value))
                {
                    return false;
                }
            }
            else if (!TryTakeLine(ref input, out var line))
            {
                value = default;
                return false;
            }
            else if (!TryParse(line, command, out value))
            {
                continue;
            }

            if (TryFinish(ref value, command))
            {
                _replyBytes = 0;
                return true;
            }
        }
    }

    private bool TryTakeLine(ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> line)
    {
        line = default;
        if (input.IsEmpty)
        {
            return false;
        }

        if (_lineLength == 0 && !IsType(input[0]))
        {
            throw new RespFormatException(WhoTalks(input[0]));
        }

        var end = input.IndexOf((byte)'\n');
        var taken = end < 0 ? input : input[..(end + 1)];
        if (_lineLength + taken.Length > _limits.MaxLineBytes)
        {
            throw new RespFormatException($"a line of more than {_limits.MaxLineBytes} bytes: is this a Redis server?");
        }

        input = input[taken.Length..];
        if (end < 0 || _lineLength > 0)
        {
            KeepOfLine(taken);
            if (end < 0)
            {
                return false;
            }

            taken = _line.AsSpan(0, _lineLength);
            _lineLength = 0;
        }

        if (taken.Length < 3 || taken[^2] != '\r')
        {
            throw new RespFormatException("a line that does not end as RESP lines do: is this a Redis server?");
        }

        line = taken[..^2];
        return true;
    }

    private void KeepOfLine(ReadOnlySpan<byte> piece)
    {
        if (_lineLength + piece.Length > _line.Length)
        {
            Array.Resize(ref _line, Math.Max(_line.Length * 2, _lineLength + piece.Length));
        }

        piece.CopyTo(_line.AsSpan(_lineLength));
        _lineLength += piece.Length;
    }

    /// <summary>A value that is one line; false when the line opens a bulk or an array.</summary>
    private bool TryParse(ReadOnlySpan<byte> line, string? command, out RespValue value)
    {
        var text = line[1..];
        switch (line[0])
        {
            case (byte)'+':
                Spend(text.Length);
                value = RespValue.Simple(text, command);
                return true;
            case (byte)'-':
                Spend(text.Length);
                value = RespValue.Error(text, command);
                return true;
            case (byte)':':
                value = RespValue.Number(NumberOf(text), command);
                return true;
            case (byte)'$':
                return !TryOpenBulk(NumberOf(text), command, out value);
            default:
                return !TryOpenArray(NumberOf(text), command, out value);
        }
    }

    private bool TryOpenBulk(long length, string? command, out RespValue value)
    {
        value = RespValue.Null(command);
        if (length == -1)
        {
            return false;
        }

        if (length < 0 || length > _limits.MaxBulkBytes)
        {
            throw new RespFormatException($"a bulk of {length} bytes, the limit is {_limits.MaxBulkBytes}: store less under one key");
        }

        Spend(length);
        _bulkLength = (int)length;
        _bulkFilled = _bulkEndSeen = 0;
        _bulk = length == 0 ? [] : new byte[Math.Min(_bulkLength, FirstBulkBytes)];
        return true;
    }

    private bool TryOpenArray(long length, string? command, out RespValue value)
    {
        value = length == 0 ? RespValue.Array([], command) : RespValue.Null(command);
        if (length is 0 or -1)
        {
            return false;
        }

        if (length < 0 || length > _limits.MaxArrayItems)
        {
            throw new RespFormatException($"an array of {length} items, the limit is {_limits.MaxArrayItems}: ask for less at once");
        }

        if (_depth == _frames.Length)
        {
            throw new RespFormatException($"arrays within arrays, more than {_frames.Length} deep, which is the limit");
        }

        Spend(length * RespValue.Size);
        _frames[_depth++] = new Frame((int)length, new RespValue[Math.Min(length, FirstArrayItems)]);
        return true;
    }

    private bool TryFillBulk(ref ReadOnlySpan<byte> input, string? command, out RespValue value)
    {
        value = default;
        while (_bulkFilled < _bulkLength)
        {
            if (input.IsEmpty)
            {
                return false;
            }

            if (_bulkFilled == _bulk!.Length)
            {
                Array.Resize(ref _bulk, (int)Math.Min(_bulkLength, 2L * _bulk.Length));
            }

            var piece = input[..Math.Min(input.Length, _bulk.Length - _bulkFilled)];
            piece.CopyTo(_bulk.AsSpan(_bulkFilled));
            _bulkFilled += piece.Length;
            input = input[piece.Length..];
        }

        for (; _bulkEndSeen < 2; _bulkEndSeen++, input = input[1..])
        {
            if (input.IsEmpty)
            {
                return false;
            }

            if (input[0] != "\r\n"u8[_bulkEndSeen])
            {
                throw new RespFormatException("a bulk that is longer than it says: is this a Redis server?");
            }
        }

        value = RespValue.Bulk(_bulk!, command);
        _bulk = null;
        return true;
    }

    /// <summary>Puts a whole value where it belongs; true when that made the reply whole, which <paramref name="value"/> then is.</summary>
    private bool TryFinish(ref RespValue value, string? command)
    {
        while (_depth > 0)
        {
            ref var frame = ref _frames[_depth - 1];
            frame.Add(value);
            if (frame.Count < frame.Total)
            {
                return false;
            }

            value = RespValue.Array(frame.Items, command);
            frame = default;
            _depth--;
        }

        return true;
    }

    private void Spend(long bytes)
    {
        _replyBytes += bytes;
        if (_replyBytes > _limits.MaxReplyBytes)
        {
            throw new RespFormatException($"a reply of more than {_limits.MaxReplyBytes} bytes, which is the limit: ask for less at once");
        }
    }

    private static long NumberOf(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long value, out var used) && used == text.Length
            ? value
            : throw new RespFormatException("a number that is none: is this a Redis server?");

    private static bool IsType(byte first) => first is (byte)'+' or (byte)'-' or (byte)':' or (byte)'$' or (byte)'*';

    // Nothing of what came is quoted: a peer that echoes would put our password into the log.
    private static string WhoTalks(byte first) => first switch
    {
        (byte)'H' or (byte)'<' => "the peer is no Redis server, it answers like an HTTP server: check host and port",
        0x15 or 0x16 => "the peer is no plain Redis server, it answers in TLS: use rediss://",
        (byte)'S' => "the peer is no Redis server, it answers like an SSH server: check host and port",
        (byte)'_' or (byte)'#' or (byte)',' or (byte)'(' or (byte)'!' or (byte)'=' or (byte)'%' or (byte)'~' or (byte)'>' or (byte)'|' =>
            "the peer answers in RESP3, which was not asked for",
        _ => $"the peer is no Redis server, its answer starts with byte 0x{first:x2}: check host and port",
    };

    private struct Frame(int total, RespValue[] items)
    {
        private RespValue[] _items = items;

        public readonly int Total { get; } = total;

        public int Count { get; private set; }

        /// <summary>Exactly as long as the array once all are there: growth ends at the total.</summary>
        public readonly RespValue[] Items => _items;

        public void Add(RespValue value)
        {
            if (Count == _items.Length)
            {
                Array.Resize(ref _items, (int)Math.Min(Total, 2L * Count));
            }

            _items[Count++] = value;
        }
    }
}
