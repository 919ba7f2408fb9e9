using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Tracekit.Trace.Parse;

namespace Tracekit.Trace.Lines;

/// <summary>
/// Carries a line from a raw file to the wide trace without knowing what kind of record it is: its times are shifted, its node and stage are
/// filled in, and every other byte passes through, so that fields of later releases do too. One object serves line after line.
/// </summary>
/// <remarks>
/// The times of a record are its numbers <c>ts</c>, <c>ts_ms</c>, <c>ts_enqueue</c>, <c>ts_start</c> and <c>ts_end</c>; names in nested
/// objects are not looked at.
/// </remarks>
/// <param name="reference">From the clock of the lines to that of the wide trace.</param>
/// <param name="label">What a record is given where it does not say it.</param>
internal sealed class RecordLine(ReferenceTime reference, RecordLabel label)
{
    /// <summary>The most times that a record may have, repeated names included.</summary>
    private const int MaxTimes = 16;

    private readonly ArrayBufferWriter<byte> _text = new(512);
    private readonly (int Start, int Length, decimal Ms)[] _times = new (int, int, decimal)[MaxTimes];
    private int _timeCount;
    private (int Start, int Length) _nullNode;
    private (int Start, int Length) _nullStage;
    private bool _hasNode;
    private bool _hasStage;
    private bool _isEmpty;
    private int _end;
    private int _rank;

    /// <summary>
    /// When the record is to stand in time order, on the reference clock, in ms: its start, else when it was asked for, else its end, else
    /// its <c>ts_ms</c> or <c>ts</c>; null for a record without a time.
    /// </summary>
    public long? OrderMs { get; private set; }

    /// <summary>Looks at a line; false when it is no JSON object, or a time in it is out of range.</summary>
    public bool TryScan(ReadOnlySpan<byte> line)
    {
        _timeCount = 0;
        _nullNode = _nullStage = default;
        _hasNode = _hasStage = false;
        _isEmpty = true;
        _rank = int.MaxValue;
        OrderMs = null;
        try
        {
            var reader = new Utf8JsonReader(line);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                _isEmpty = false;
                if (!TryScanField(ref reader))
                {
                    return false;
                }
            }

            _end = (int)reader.TokenStartIndex;
            return !reader.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Writes the line that <see cref="TryScan"/> has looked at, with its line feed.</summary>
    public void Write(ReadOnlySpan<byte> line, ArrayBufferWriter<byte> output)
    {
        _text.ResetWrittenCount();
        var at = 0;
        for (var i = 0; i < _timeCount && reference.ShiftMs != 0; i++)
        {
            CopyWithNulls(line, ref at, _times[i].Start);
            WriteTime(_times[i].Ms + reference.ShiftMs);
            at = _times[i].Start + _times[i].Length;
        }

        CopyWithNulls(line, ref at, _end);
        if (!_hasNode && label.Node.Length > 0)
        {
            WriteField("\"node\": "u8, label.Node);
        }

        if (!_hasStage && label.Stage.Length > 0)
        {
            WriteField("\"stage\": "u8, label.Stage);
        }

        _text.Write("}\n"u8);

        // What is not UTF-8 is in the text of a field that nobody judged. The reader of a trace is owed UTF-8.
        var text = _text.WrittenSpan;
        output.Write(Utf8.IsValid(text) ? text : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text)));
    }

    private bool TryScanField(ref Utf8JsonReader reader)
    {
        var rank = TimeRank(reader.ValueSpan);
        var isNode = rank < 0 && reader.ValueSpan.SequenceEqual("node"u8);
        var isStage = rank < 0 && !isNode && reader.ValueSpan.SequenceEqual("stage"u8);
        reader.Read();
        if (rank >= 0 && reader.TokenType == JsonTokenType.Number)
        {
            return TryScanTime(ref reader, rank);
        }

        var isNull = reader.TokenType == JsonTokenType.Null;
        if (isNode)
        {
            _hasNode = true;
            _nullNode = isNull ? ((int)reader.TokenStartIndex, 4) : default;
        }
        else if (isStage)
        {
            _hasStage = true;
            _nullStage = isNull ? ((int)reader.TokenStartIndex, 4) : default;
        }

        reader.Skip();
        return true;
    }

    private bool TryScanTime(ref Utf8JsonReader reader, int rank)
    {
        if (_timeCount == MaxTimes || !reader.TryGetDecimal(out var ms) || Math.Abs(ms) > FieldLimits.MaxTsMs || !reference.Reaches((long)Math.Floor(ms)))
        {
            return false;
        }

        _times[_timeCount++] = ((int)reader.TokenStartIndex, reader.ValueSpan.Length, ms);
        if (rank <= _rank)
        {
            _rank = rank;
            OrderMs = reference.Of((long)Math.Floor(ms));
        }

        return true;
    }

    /// <summary>Which name counts for the order, the lowest first; −1 for a name that is no time.</summary>
    private static int TimeRank(ReadOnlySpan<byte> name) =>
        !name.StartsWith("ts"u8) ? -1
        : name.SequenceEqual("ts_start"u8) ? 0
        : name.SequenceEqual("ts_enqueue"u8) ? 1
        : name.SequenceEqual("ts_end"u8) ? 2
        : name.SequenceEqual("ts_ms"u8) ? 3
        : name.SequenceEqual("ts"u8) ? 4
        : -1;

    private void WriteTime(decimal ms)
    {
        const int MostDigits = 40;
        ms.TryFormat(_text.GetSpan(MostDigits), out var written, default, CultureInfo.InvariantCulture);
        _text.Advance(written);
    }

    /// <summary>Copies up to <paramref name="to"/>, with node and stage in the place of their nulls.</summary>
    private void CopyWithNulls(ReadOnlySpan<byte> line, ref int at, int to)
    {
        var nodeFirst = _nullNode.Start <= _nullStage.Start;
        CopyNull(line, ref at, to, nodeFirst ? _nullNode : _nullStage, nodeFirst ? label.Node : label.Stage);
        CopyNull(line, ref at, to, nodeFirst ? _nullStage : _nullNode, nodeFirst ? label.Stage : label.Node);
        _text.Write(line[at..to]);
        at = to;
    }

    private void CopyNull(ReadOnlySpan<byte> line, ref int at, int to, (int Start, int Length) hole, ReadOnlySpan<byte> value)
    {
        if (hole.Length == 0 || value.Length == 0 || hole.Start < at || hole.Start >= to)
        {
            return;
        }

        _text.Write(line[at..hole.Start]);
        _text.Write(value);
        at = hole.Start + hole.Length;
    }

    private void WriteField(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (!_isEmpty)
        {
            _text.Write(", "u8);
        }

        _isEmpty = false;
        _text.Write(name);
        _text.Write(value);
    }
}
