using System.Text.Json;

namespace Tracekit.Trace.Lines;

/// <summary>The value of a field whose name <see cref="Utf8JsonReader"/> has just read.</summary>
internal static class JsonField
{
    /// <summary>A whole number that fits 64 bits; null where <paramref name="orNull"/> says what that stands for.</summary>
    public static bool Integer(ref Utf8JsonReader reader, out long value, long? orNull = null)
    {
        value = orNull ?? 0;
        return reader.Read()
            && ((reader.TokenType == JsonTokenType.Null && orNull is not null)
                || (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out value)));
    }

    /// <summary>
    /// Milliseconds, fractional, as nanoseconds rounded to the nearest; null where <paramref name="orNull"/> says what that stands for.
    /// </summary>
    public static bool MillisecondsAsNs(ref Utf8JsonReader reader, out long ns, long? orNull = null)
    {
        ns = orNull ?? 0;
        if (!reader.Read() || reader.TokenType != JsonTokenType.Number)
        {
            return reader.TokenType == JsonTokenType.Null && orNull is not null;
        }

        if (!reader.TryGetDecimal(out var ms) || ms < -FieldLimits.MaxCpuNs || ms > FieldLimits.MaxCpuNs / RunClock.NsPerMs)
        {
            return false;
        }

        ns = (long)Math.Round(ms * RunClock.NsPerMs);
        return true;
    }

    /// <summary>The kind of a sample; one that this release does not know is taken for a tick.</summary>
    public static bool Kind(ref Utf8JsonReader reader, out SampleKind kind)
    {
        kind = SampleKind.Tick;
        if (!reader.Read() || reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
        {
            return false;
        }

        if (reader.TokenType == JsonTokenType.String)
        {
            kind = reader.ValueTextEquals("start"u8) ? SampleKind.Start
                : reader.ValueTextEquals("exit"u8) ? SampleKind.Exit
                : SampleKind.Tick;
        }

        return true;
    }

    /// <summary>Steps over the value.</summary>
    public static bool Skip(ref Utf8JsonReader reader) => reader.TrySkip();
}
