using Tracekit.Trace.Lines;

namespace Tracekit.Trace.AccessLog;

/// <summary>The times of access logs, as ms since the epoch; false for a date that there is not, or one before 1970 or after 2100.</summary>
internal static class LogTime
{
    /// <summary>The length of a time in a combined log.</summary>
    public const int LocalLength = 26;

    private const int MaxZoneHours = 14;

    /// <summary><c>21/Nov/2026:12:51:28 +0100</c>: nginx's <c>$time_local</c>, strftime <c>%d/%b/%Y:%H:%M:%S %z</c>.</summary>
    public static bool TryLocal(ReadOnlySpan<byte> text, out long ms)
    {
        ms = 0;
        return text.Length == LocalLength && text[2] == '/' && text[6] == '/' && text[11] == ':' && text[14] == ':' && text[17] == ':' && text[20] == ' '
            && Month(text.Slice(3, 3)) is > 0 and var month
            && TryMs(text.Slice(7, 4), month, text[..2], text.Slice(12, 2), text.Slice(15, 2), text.Slice(18, 2), 0, out var local)
            && TryZone(text[21..22], text.Slice(22, 2), text.Slice(24, 2), out var zoneMs)
            && IsTime(local - zoneMs, out ms);
    }

    /// <summary><c>2026-11-21T12:51:28.123Z</c>: RFC 3339, with up to nine decimals (rounded down) and any zone.</summary>
    public static bool TryRfc3339(ReadOnlySpan<byte> text, out long ms)
    {
        const int ToSeconds = 19;
        const int MaxDecimals = 9;
        ms = 0;
        if (text.Length <= ToSeconds || text[4] != '-' || text[7] != '-' || text[10] is not ((byte)'T' or (byte)'t') || text[13] != ':' || text[16] != ':')
        {
            return false;
        }

        var rest = text[ToSeconds..];
        long fractionMs = 0;
        if (rest[0] == '.')
        {
            var end = rest[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            if (end is < 1 or > MaxDecimals)
            {
                return false;
            }

            for (var i = 0; i < 3; i++)
            {
                fractionMs = (fractionMs * 10) + (i < end ? rest[1 + i] - '0' : 0);
            }

            rest = rest[(1 + end)..];
        }

        long zoneMs = 0;
        return (rest is [(byte)'Z'] or [(byte)'z'] || (rest.Length == 6 && rest[3] == ':' && TryZone(rest[..1], rest.Slice(1, 2), rest.Slice(4, 2), out zoneMs)))
            && LogText.TryWhole(text.Slice(5, 2), out var month)
            && TryMs(text[..4], (int)month, text.Slice(8, 2), text.Slice(11, 2), text.Slice(14, 2), text.Slice(17, 2), fractionMs, out var local)
            && IsTime(local - zoneMs, out ms);
    }

    private static bool IsTime(long value, out long ms)
    {
        ms = value;
        return FieldLimits.IsTime(value);
    }

    private static int Month(ReadOnlySpan<byte> name)
    {
        var at = "JanFebMarAprMayJunJulAugSepOctNovDec"u8.IndexOf(name);
        return at >= 0 && at % 3 == 0 ? (at / 3) + 1 : 0;
    }

    private static bool TryZone(ReadOnlySpan<byte> sign, ReadOnlySpan<byte> hours, ReadOnlySpan<byte> minutes, out long ms)
    {
        ms = 0;
        if (sign[0] is not ((byte)'+' or (byte)'-') || !LogText.TryWhole(hours, out var h) || !LogText.TryWhole(minutes, out var m) || h > MaxZoneHours || m > 59)
        {
            return false;
        }

        ms = ((h * 60) + m) * 60_000 * (sign[0] == '-' ? -1 : 1);
        return true;
    }

    private static bool TryMs(
        ReadOnlySpan<byte> year, int month, ReadOnlySpan<byte> day, ReadOnlySpan<byte> hour, ReadOnlySpan<byte> minute, ReadOnlySpan<byte> second, long fractionMs, out long ms)
    {
        ms = 0;
        if (!LogText.TryWhole(year, out var y) || !LogText.TryWhole(day, out var d) || !LogText.TryWhole(hour, out var h)
            || !LogText.TryWhole(minute, out var min) || !LogText.TryWhole(second, out var s)
            || y is < 1 or > 9998 || month is < 1 or > 12 || d < 1 || d > DateTime.DaysInMonth((int)y, month) || h > 23 || min > 59 || s > 60)
        {
            return false;
        }

        // A leap second is the first one of the next minute, as the kernel's clock has it.
        var midnight = new DateTime((int)y, month, (int)d, 0, 0, 0, DateTimeKind.Utc);
        ms = ((midnight - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond) + (((((h * 60) + min) * 60) + s) * 1000) + fractionMs;
        return true;
    }
}
