using System.Buffers.Text;
using System.Globalization;

namespace Tracekit.Linux;

/// <summary>What <c>/proc/meminfo</c> says (proc_meminfo(5)).</summary>
/// <param name="TotalKb">MemTotal in KiB.</param>
/// <param name="AvailableKb">MemAvailable in KiB; 0 when the kernel does not say.</param>
public readonly record struct ProcMemInfo(long TotalKb, long AvailableKb)
{
    /// <summary>Reads the text of the file.</summary>
    public static ProcMemInfo Parse(string text) => new(Field(text, "MemTotal:"), Field(text, "MemAvailable:"));

    /// <summary>Finds one field, as <c>MemFree:</c>, in the text of the file, in KiB; makes no garbage.</summary>
    public static bool TryFindKb(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, out long kb)
    {
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)'\n');
            var line = end < 0 ? text : text[..end];
            if (line.StartsWith(name))
            {
                return Utf8Parser.TryParse(line[name.Length..].TrimStart((byte)' '), out kb, out _) && kb >= 0;
            }

            text = end < 0 ? default : text[(end + 1)..];
        }

        kb = 0;
        return false;
    }

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
