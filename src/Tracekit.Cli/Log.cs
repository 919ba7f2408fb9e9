using System.Globalization;

namespace Tracekit.Cli;

/// <summary>What a role that runs for long has to say: one line each on standard error, with the time.</summary>
internal static class Log
{
    /// <summary>Writes one line.</summary>
    public static void Line(string text) =>
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-ddTHH:mm:ss.fffZ} {text}"));
}
