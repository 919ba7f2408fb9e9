using System.Globalization;
using System.Text;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect.Time;

/// <summary><c>timesync.log</c>: one line for each thing that was done to the clock or happened to it, with its time (UTC).</summary>
public static class TimeSyncLog
{
    /// <summary>Adds a line.</summary>
    /// <exception cref="TracekitException">It cannot be written.</exception>
    public static void Append(string path, long tsMs, string text)
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(tsMs).UtcDateTime;
        using var file = AppendFile.Open(path);
        file.Append(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{time:yyyy-MM-ddTHH:mm:ss.fffZ} {Printable.Line(text)}\n")));
    }

    /// <summary>The state of the system clock in words.</summary>
    public static string Describe(string? source, SystemClockState? state) => state is { } s
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"clock source {source ?? "unknown"}, {(s.IsSynchronised ? "synchronised" : "not synchronised")}, offset {s.OffsetMs:0.000} ms, estimated error {s.EstErrorMs:0.000} ms, maximum error {s.MaxErrorMs:0.000} ms")
        : $"clock source {source ?? "unknown"}, state unknown";
}
