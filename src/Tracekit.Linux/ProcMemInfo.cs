using System.Globalization;

namespace Tracekit.Linux;

/// <summary>What <c>/proc/meminfo</c> says (proc_meminfo(5)).</summary>
/// <param name="TotalKb">MemTotal in KiB.</param>
/// <param name="AvailableKb">MemAvailable in KiB; 0 when the kernel does not say.</param>
public readonly record struct ProcMemInfo(long TotalKb, long AvailableKb)
{
    /// <summary>Reads the text of the file.</summary>
    public static ProcMemInfo Parse(string text) => new(Field(text, "MemTotal:"), Field(text, "MemAvailable:"));

    private static long Field(string text, string name)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
            {
                var value = line[name.Length..].Trim();
                var end = value.IndexOf(' ');
                return long.TryParse(end < 0 ? value : value[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var kb) ? kb : 0;
            }
        }

        return 0;
    }
}
