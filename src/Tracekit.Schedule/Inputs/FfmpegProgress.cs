using System.Globalization;

namespace Tracekit.Schedule;

/// <summary>The lines that ffmpeg writes with <c>-progress</c> (ffmpeg(1)).</summary>
public static class FfmpegProgress
{
    private const string OutTime = "out_time_us=";

    /// <summary>
    /// How much of the output has been written: the time in <c>out_time_us=123</c>. Null for every other line, and for the <c>N/A</c> or the negative
    /// times before the first frame. (<c>out_time_ms</c> is in microseconds too, so it is not read.)
    /// </summary>
    public static TimeSpan? OutputTime(string line) =>
        line.StartsWith(OutTime, StringComparison.Ordinal)
        && long.TryParse(line.AsSpan(OutTime.Length).TrimEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out var us)
        && us <= TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond
            ? TimeSpan.FromTicks(us * TimeSpan.TicksPerMicrosecond)
            : null;
}
