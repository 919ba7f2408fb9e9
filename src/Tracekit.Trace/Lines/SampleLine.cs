using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace Tracekit.Trace.Lines;

/// <summary>
/// Reads a line of <c>proc_metrics.jsonl</c>. The first five fields are required; all numbers are whole and in range; of a field that
/// stands twice the
/// last one counts; unknown fields are ignored.
/// </summary>
internal static class SampleLine
{
    /// <summary>Reads a line; false when it holds no sample.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out ProcessSample sample) =>
        TryParseOurs(line, out sample) || TryParseFast(line, out sample) || TryParseAny(line, out sample);

    /// <summary>
    /// A line spelled as <see cref="ProcessSample.Format(Span{byte})"/> spells it. False means that <see cref="TryParseFast"/> has to look.
    /// </summary>
    internal static bool TryParseOurs(ReadOnlySpan<byte> line, out ProcessSample sample)
    {
        var fields = Fields.None;
        var reader = new FlatObject(line);
        if (fields.TryReadOurs(ref reader))
        {
            return fields.TryBuild(out sample);
        }

        sample = default;
        return false;
    }

    /// <summary>The common case. False means that <see cref="TryParseAny"/> has to judge the line.</summary>
    internal static bool TryParseFast(ReadOnlySpan<byte> line, out ProcessSample sample)
    {
        sample = default;
        var fields = Fields.None;
        var reader = new FlatObject(line);
        if (!reader.Open())
        {
            return false;
        }

        After after;
        do
        {
            if (!reader.Name(out var name) || !fields.TryRead(name, ref reader))
            {
                return false;
            }

            after = reader.Next();
        }
        while (after == After.Field);
        return after == After.End && fields.TryBuild(out sample);
    }

    /// <summary>Any line, with the JSON reader of the framework.</summary>
    internal static bool TryParseAny(ReadOnlySpan<byte> line, out ProcessSample sample)
    {
        sample = default;
        var fields = Fields.None;
        try
        {
            var reader = new Utf8JsonReader(line);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (!fields.TryRead(ref reader))
                {
                    return false;
                }
            }

            return !reader.Read() && fields.TryBuild(out sample);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>
    /// Writes a line that is spelled as <see cref="ProcessSample.Format(Span{byte})"/> spells it with another time, without its line feed. False, and
    /// nothing written, for any other line.
    /// </summary>
    internal static bool TryShiftOurs(ReadOnlySpan<byte> line, long tsMs, IBufferWriter<byte> output)
    {
        const int MostDigits = 20;
        var before = "{\"ts_ms\": "u8;
        var fields = Fields.None;
        var reader = new FlatObject(line);
        if (!fields.TryReadOurs(ref reader))
        {
            return false;
        }

        output.Write(before);
        Utf8Formatter.TryFormat(tsMs, output.GetSpan(MostDigits), out var written);
        output.Advance(written);
        var rest = line[before.Length..];
        output.Write(rest[rest.IndexOf((byte)',')..]);
        return true;
    }

    private struct Fields
    {
        private const int Required = 0b11111;

        private long _ts;
        private long _pid;
        private long _rss;
        private long _utime;
        private long _stime;
        private long _cpuNs;
        private long _childrenNs;
        private SampleKind _kind;
        private int _seen;

        public static Fields None => new() { _cpuNs = -1 };

        public bool TryReadOurs(ref FlatObject reader)
        {
            _seen = Required;
            return reader.Skip("{\"ts_ms\": "u8) && reader.Integer(out _ts)
                && reader.Skip(", \"pid\": "u8) && reader.Integer(out _pid)
                && reader.Skip(", \"rss_kb\": "u8) && reader.Integer(out _rss)
                && reader.Skip(", \"utime\": "u8) && reader.Integer(out _utime)
                && reader.Skip(", \"stime\": "u8) && reader.Integer(out _stime)
                && (!reader.Skip(", \"cpu_ns\": "u8) || reader.Integer(out _cpuNs))
                && (!reader.Skip(", \"children_cpu_ns\": "u8) || reader.Integer(out _childrenNs))
                && (!reader.Skip(", \"kind\": "u8) || reader.Kind(out _kind))
                && reader.Skip("}"u8) && reader.IsAtEnd;
        }

        public bool TryRead(ReadOnlySpan<byte> name, ref FlatObject reader) => name.Length switch
        {
            3 when name.SequenceEqual("pid"u8) => Seen(0b00010) && reader.Integer(out _pid),
            4 when name.SequenceEqual("kind"u8) => reader.Kind(out _kind),
            5 when name.SequenceEqual("ts_ms"u8) => Seen(0b00001) && reader.Integer(out _ts),
            5 when name.SequenceEqual("utime"u8) => Seen(0b01000) && reader.Integer(out _utime),
            5 when name.SequenceEqual("stime"u8) => Seen(0b10000) && reader.Integer(out _stime),
            6 when name.SequenceEqual("rss_kb"u8) => Seen(0b00100) && reader.Integer(out _rss),
            6 when name.SequenceEqual("cpu_ns"u8) => reader.Integer(out _cpuNs),
            15 when name.SequenceEqual("children_cpu_ns"u8) => reader.Integer(out _childrenNs),
            // Numbers beside those that we know are the common case of a collector that was asked for details.
            _ => reader.Integer(out _),
        };

        public bool TryRead(ref Utf8JsonReader reader) =>
            reader.ValueTextEquals("ts_ms"u8) ? Seen(0b00001) && JsonField.Integer(ref reader, out _ts)
            : reader.ValueTextEquals("pid"u8) ? Seen(0b00010) && JsonField.Integer(ref reader, out _pid)
            : reader.ValueTextEquals("rss_kb"u8) ? Seen(0b00100) && JsonField.Integer(ref reader, out _rss)
            : reader.ValueTextEquals("utime"u8) ? Seen(0b01000) && JsonField.Integer(ref reader, out _utime)
            : reader.ValueTextEquals("stime"u8) ? Seen(0b10000) && JsonField.Integer(ref reader, out _stime)
            : reader.ValueTextEquals("cpu_ns"u8) ? JsonField.Integer(ref reader, out _cpuNs, orNull: -1)
            : reader.ValueTextEquals("children_cpu_ns"u8) ? JsonField.Integer(ref reader, out _childrenNs, orNull: 0)
            : reader.ValueTextEquals("kind"u8) ? JsonField.Kind(ref reader, out _kind)
            : JsonField.Skip(ref reader);

        public readonly bool TryBuild(out ProcessSample sample)
        {
            sample = new ProcessSample(_ts, (int)_pid, _rss, _utime, _stime, _cpuNs, _childrenNs, _kind);
            return _seen == Required
                && FieldLimits.IsTime(_ts) && FieldLimits.IsPid(_pid) && FieldLimits.IsRss(_rss)
                && FieldLimits.IsTicks(_utime) && FieldLimits.IsTicks(_stime)
                && (_cpuNs == -1 || FieldLimits.IsCpu(_cpuNs)) && FieldLimits.IsCpu(_childrenNs);
        }

        private bool Seen(int field)
        {
            _seen |= field;
            return true;
        }
    }
}
