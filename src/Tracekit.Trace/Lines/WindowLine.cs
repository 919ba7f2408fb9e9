using System.Text.Json;

namespace Tracekit.Trace.Lines;

/// <summary>
/// Reads a line of <c>CTS/proc_metrics.jsonl</c>, ours or another program's. The first five fields are required; times are whole, CPU times
/// in ms may have
/// decimals; unknown fields are ignored.
/// </summary>
internal static class WindowLine
{
    /// <summary>Reads a line; false when it holds no window.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out CpuWindow window) =>
        TryParseOurs(line, out window) || TryParseFast(line, out window) || TryParseAny(line, out window);

    /// <summary>
    /// A line spelled as <see cref="CpuWindow.Format"/> spells it. False means that <see cref="TryParseFast"/> has to look.
    /// </summary>
    internal static bool TryParseOurs(ReadOnlySpan<byte> line, out CpuWindow window)
    {
        var fields = default(Fields);
        var reader = new FlatObject(line);
        if (fields.TryReadOurs(ref reader))
        {
            return fields.TryBuild(out window);
        }

        window = default;
        return false;
    }

    /// <summary>The common case. False means that <see cref="TryParseAny"/> has to judge the line.</summary>
    internal static bool TryParseFast(ReadOnlySpan<byte> line, out CpuWindow window)
    {
        window = default;
        var fields = default(Fields);
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
        return after == After.End && fields.TryBuild(out window);
    }

    /// <summary>Any line, with the JSON reader of the framework.</summary>
    internal static bool TryParseAny(ReadOnlySpan<byte> line, out CpuWindow window)
    {
        window = default;
        var fields = default(Fields);
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

            return !reader.Read() && fields.TryBuild(out window);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private struct Fields
    {
        private const int Required = 0b11111;

        private long _ts;
        private long _pid;
        private long _dt;
        private long _rss;
        private long _cpuNs;
        private long _childrenNs;
        private long _beforeNs;
        private SampleKind _kind;
        private int _seen;

        public bool TryReadOurs(ref FlatObject reader)
        {
            _seen = Required;
            return reader.Skip("{\"ts_ms\": "u8) && reader.Integer(out _ts)
                && reader.Skip(", \"pid\": "u8) && reader.Integer(out _pid)
                && reader.Skip(", \"dt_ms\": "u8) && reader.Integer(out _dt)
                && reader.Skip(", \"cpu_ms\": "u8) && reader.MillisecondsAsNs(out _cpuNs)
                && reader.Skip(", \"rss_kb\": "u8) && reader.Integer(out _rss)
                && (!reader.Skip(", \"children_cpu_ms\": "u8) || reader.MillisecondsAsNs(out _childrenNs))
                && (!reader.Skip(", \"cpu_before_ms\": "u8) || reader.MillisecondsAsNs(out _beforeNs))
                && (!reader.Skip(", \"kind\": "u8) || reader.Kind(out _kind))
                && reader.Skip("}"u8) && reader.IsAtEnd;
        }

        public bool TryRead(ReadOnlySpan<byte> name, ref FlatObject reader) => name.Length switch
        {
            3 when name.SequenceEqual("pid"u8) => Seen(0b00010) && reader.Integer(out _pid),
            4 when name.SequenceEqual("kind"u8) => reader.Kind(out _kind),
            5 when name.SequenceEqual("ts_ms"u8) => Seen(0b00001) && reader.Integer(out _ts),
            5 when name.SequenceEqual("dt_ms"u8) => Seen(0b01000) && reader.Integer(out _dt),
            6 when name.SequenceEqual("cpu_ms"u8) => Seen(0b10000) && reader.MillisecondsAsNs(out _cpuNs),
            6 when name.SequenceEqual("rss_kb"u8) => Seen(0b00100) && reader.Integer(out _rss),
            13 when name.SequenceEqual("cpu_before_ms"u8) => reader.MillisecondsAsNs(out _beforeNs),
            15 when name.SequenceEqual("children_cpu_ms"u8) => reader.MillisecondsAsNs(out _childrenNs),
            _ => false,
        };

        public bool TryRead(ref Utf8JsonReader reader) =>
            reader.ValueTextEquals("ts_ms"u8) ? Seen(0b00001) && JsonField.Integer(ref reader, out _ts)
            : reader.ValueTextEquals("pid"u8) ? Seen(0b00010) && JsonField.Integer(ref reader, out _pid)
            : reader.ValueTextEquals("rss_kb"u8) ? Seen(0b00100) && JsonField.Integer(ref reader, out _rss)
            : reader.ValueTextEquals("dt_ms"u8) ? Seen(0b01000) && JsonField.Integer(ref reader, out _dt)
            : reader.ValueTextEquals("cpu_ms"u8) ? Seen(0b10000) && JsonField.MillisecondsAsNs(ref reader, out _cpuNs)
            : reader.ValueTextEquals("children_cpu_ms"u8) ? JsonField.MillisecondsAsNs(ref reader, out _childrenNs, orNull: 0)
            : reader.ValueTextEquals("cpu_before_ms"u8) ? JsonField.MillisecondsAsNs(ref reader, out _beforeNs, orNull: 0)
            : reader.ValueTextEquals("kind"u8) ? JsonField.Kind(ref reader, out _kind)
            : JsonField.Skip(ref reader);

        public readonly bool TryBuild(out CpuWindow window)
        {
            window = new CpuWindow(_ts, (int)_pid, _dt, _cpuNs, _rss, _childrenNs, _beforeNs, _kind);
            return _seen == Required
                && FieldLimits.IsTime(_ts) && FieldLimits.IsPid(_pid) && FieldLimits.IsRss(_rss)
                && _dt >= 0 && _dt < _ts
                && FieldLimits.IsCpu(_cpuNs) && FieldLimits.IsCpu(_beforeNs) && _childrenNs >= 0 && _childrenNs <= _cpuNs;
        }

        private bool Seen(int field)
        {
            _seen |= field;
            return true;
        }
    }
}
