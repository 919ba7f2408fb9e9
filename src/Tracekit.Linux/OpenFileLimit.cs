using System.Globalization;

namespace Tracekit.Linux;

/// <summary>
/// The limit of open files. The .NET runtime raises its own soft limit to the hard one when it starts; a program that we start shall have the limit
/// that it would have without us, which is that of whoever started us.
/// </summary>
internal static unsafe class OpenFileLimit
{
    private const int RLimitNoFile = 7;

    private static readonly (ulong Soft, ulong Hard)? Inherited = OfParent();

    /// <summary>Gives a process the limit that we were started with.</summary>
    public static void Restore(int pid)
    {
        if (Inherited is { } limit)
        {
            var words = stackalloc ulong[] { limit.Soft, limit.Hard };
            _ = Libc.PrLimit(pid, RLimitNoFile, words, null);
        }
    }

    /// <summary>Reads the limit from the text of <c>/proc/&lt;pid&gt;/limits</c>: "Max open files  SOFT  HARD  files".</summary>
    internal static (ulong Soft, ulong Hard)? Parse(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            if (line.StartsWith("Max open files", StringComparison.Ordinal)
                && line["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var soft, var hard, ..]
                && Number(soft) is { } s
                && Number(hard) is { } h)
            {
                return (s, h);
            }
        }

        return null;
    }

    private static ulong? Number(string text) => text == "unlimited"
        ? ulong.MaxValue
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static (ulong Soft, ulong Hard)? OfParent()
    {
        try
        {
            var ours = Parse(File.ReadAllText("/proc/self/limits"));
            var parents = ProcPidStat.Read(Environment.ProcessId) is { } stat ? Parse(File.ReadAllText($"/proc/{stat.ParentPid}/limits")) : null;
            return ours is { } o && parents is { } p && p.Soft < o.Soft ? (p.Soft, o.Hard) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
