using System.Text.RegularExpressions;

namespace Tracekit.Model;

/// <summary>
/// The grammar of <c>RUN_ID</c> and <c>NODE_ID</c>: <c>[A-Za-z0-9][A-Za-z0-9._-]{0,63}</c>. Checked before a path is built from one,
/// so that no name can climb out of the log directory.
/// </summary>
public static partial class Identifier
{
    /// <summary>True when <paramref name="text"/> may be a run or node id.</summary>
    public static bool IsValid(string text) => Grammar().IsMatch(text);

    /// <summary>Returns <paramref name="text"/> when it is a valid id; <paramref name="what"/> names it in the error.</summary>
    /// <exception cref="UsageException">It is not one.</exception>
    public static string Check(string text, string what) => IsValid(text)
        ? text
        : throw new UsageException($"{what} '{Printable.Line(text)}': use 1 to 64 letters, digits, '.', '_' or '-', starting with a letter or digit");

    /// <summary>The run id for a run that starts now: <c>date -u +%Y%m%dT%H%M%SZ</c>.</summary>
    public static string NewRunId(DateTimeOffset now) => now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The host name as a node id; characters outside the grammar become '-'.</summary>
    public static string NodeIdOfHost(string hostName)
    {
        var cleaned = Outside().Replace(hostName, "-").TrimStart('.', '_', '-');
        return cleaned.Length == 0 ? "node" : cleaned[..Math.Min(cleaned.Length, 64)];
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex Grammar();

    [GeneratedRegex("[^A-Za-z0-9._-]")]
    private static partial Regex Outside();
}
