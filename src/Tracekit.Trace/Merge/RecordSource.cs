using System.Buffers;
using Tracekit.Trace.Lines;
using Tracekit.Trace.Parse;

namespace Tracekit.Trace.Merge;

/// <summary>
/// The records of one file in time order. What several threads or processes appended to one file is only nearly in order, so the source
/// looks ahead: it sorts what it holds and gives out the first half before it reads on. A record that stands further from its place than
/// that is given out at once, and counted.
/// </summary>
internal sealed class RecordSource : IDisposable
{
    /// <summary>Bytes of lines that are held, at most; a longer line is held alone.</summary>
    public const int WindowBytes = 512 * 1024;

    /// <summary>Lines that are held, at most. A record is put in its place if no more than half of either limit lies between.</summary>
    public const int MaxHeld = 4096;

    private readonly ChunkReader _file;
    private readonly RecordLine _record;
    private readonly ArrayBufferWriter<byte> _line = new(512);
    private readonly byte[] _piece = new byte[JsonLines.MaxLineBytes];
    private readonly Held[] _order = new Held[MaxHeld];
    private byte[] _text = new byte[WindowBytes];
    private byte[] _spare = new byte[WindowBytes];
    private int _textLength;
    private int _held;
    private int _next;
    private int _due;
    private int _pieceLength;
    private int _pieceAt;
    private bool _atEnd;
    private long _sequence;
    private long _previousMs;
    private long _lastOutMs = long.MinValue;
    private LineTally _tally;

    /// <summary>Opens a file of a node's wide trace.</summary>
    public RecordSource(string path, RecordLabel label)
    {
        _file = new ChunkReader(path);
        _record = new RecordLine(new ReferenceTime(0), label);
    }

    /// <summary>Records that stand so far from their place that they come late.</summary>
    public long OutOfOrder { get; private set; }

    /// <summary>The time of the current record, in ms.</summary>
    public long OrderMs { get; private set; }

    /// <summary>The current record with its line feed; valid until the next one is asked for.</summary>
    public ReadOnlySpan<byte> Line => _text.AsSpan(_order[_next - 1].Start, _order[_next - 1].Length);

    /// <summary>What reading the file has come to so far.</summary>
    public FileCount Count(string name) => _tally.ToCount(name, _file.TooLongLines);

    /// <summary>Goes to the next record; false at the end.</summary>
    public bool MoveNext()
    {
        if (_next == _due && !Refill())
        {
            return false;
        }

        var ms = _order[_next++].Ms;
        if (ms < _lastOutMs)
        {
            OutOfOrder++;
        }

        // A late record goes out at once: holding the others back would not mend the order.
        OrderMs = _lastOutMs = Math.Max(ms, _lastOutMs);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private bool Refill()
    {
        Compact();
        while (_held < MaxHeld && (_textLength < WindowBytes || _held < 2) && TryTakeLine())
        {
        }

        _order.AsSpan(0, _held).Sort();
        _next = 0;
        _due = _atEnd ? _held : Math.Max(1, _held / 2);
        return _held > 0;
    }

    /// <summary>Moves what was not given out to the front.</summary>
    private void Compact()
    {
        var length = 0;
        var kept = 0;
        var needed = 0;
        for (var i = _next; i < _held; i++)
        {
            needed += _order[i].Length;
        }

        if (_spare.Length < needed)
        {
            _spare = new byte[_text.Length];
        }

        for (var i = _next; i < _held; i++)
        {
            var held = _order[i];
            _text.AsSpan(held.Start, held.Length).CopyTo(_spare.AsSpan(length));
            _order[kept++] = held with { Start = length };
            length += held.Length;
        }

        (_text, _spare) = (_spare, _text);
        (_textLength, _held, _next, _due) = (length, kept, 0, 0);
    }

    private bool TryTakeLine()
    {
        while (true)
        {
            if (_pieceAt == _pieceLength)
            {
                _pieceAt = 0;
                _pieceLength = _file.Read(_piece, out _);
                if (_pieceLength == 0)
                {
                    _atEnd = true;
                    return false;
                }
            }

            var lines = new LineSplitter(_piece.AsSpan(_pieceAt, _pieceLength - _pieceAt));
            lines.MoveNext();
            _pieceAt = Math.Min(_pieceLength, _pieceAt + lines.Line.Length + 1);
            _tally.Seen++;
            if (_record.TryScan(lines.Line))
            {
                _tally.Good++;
                Hold(lines.Line);
                return true;
            }

            if (!lines.IsBlank)
            {
                _tally.AddBad(lines.HasLineFeed);
            }
        }
    }

    private void Hold(ReadOnlySpan<byte> line)
    {
        _line.ResetWrittenCount();
        _record.Write(line, _line);
        var text = _line.WrittenSpan;
        while (_text.Length - _textLength < text.Length)
        {
            Array.Resize(ref _text, _text.Length * 2);
        }

        text.CopyTo(_text.AsSpan(_textLength));

        // A record without a time stays behind the one before it.
        _previousMs = _record.OrderMs ?? _previousMs;
        _order[_held++] = new Held(_previousMs, _sequence++, _textLength, text.Length);
        _textLength += text.Length;
    }

    private readonly record struct Held(long Ms, long Sequence, int Start, int Length) : IComparable<Held>
    {
        public int CompareTo(Held other)
        {
            var byTime = Ms.CompareTo(other.Ms);
            return byTime != 0 ? byTime : Sequence.CompareTo(other.Sequence);
        }
    }
}
