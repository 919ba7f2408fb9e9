using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>A thing whose energy is counted: a zone below <c>/sys/class/powercap</c> (RAPL), or another file of that form.</summary>
/// <param name="Name">What it is, as <c>package-0</c>, or <c>package-0/core</c> for a part of one.</param>
/// <param name="EnergyFile">Its counter.</param>
/// <param name="RangeUj">The greatest value before the counter wraps, in µJ; 0 when not known.</param>
public sealed record PowercapZone(string Name, string EnergyFile, long RangeUj)
{
    /// <summary>The zones of this machine, by name; none where the kernel has no powercap.</summary>
    /// <param name="root">Where they are.</param>
    public static IReadOnlyList<PowercapZone> Find(string root = "/sys/class/powercap")
    {
        try
        {
            // The directory has all zones side by side; a part is named for its whole: intel-rapl:0 and intel-rapl:0:1.
            // The same RAPL domains may be there twice, by MSR (intel-rapl) and by MMIO (intel-rapl-mmio); both are told, by their own names.
            return
            [
                .. Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal)
                    .Where(d => File.Exists(Path.Combine(d, "energy_uj")))
                    .Select(d => new PowercapZone(NameOf(root, Path.GetFileName(d)), Path.Combine(d, "energy_uj"), RangeOf(d))),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>A counter that the user names. Its zone is called as the file <c>name</c> beside it says, else by its path.</summary>
    public static PowercapZone OfFile(string energyFile)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(energyFile))!;
        return new PowercapZone(Line(Path.Combine(directory, "name")) ?? energyFile, energyFile, RangeOf(directory));
    }

    private static string NameOf(string root, string zone)
    {
        var own = Line(Path.Combine(root, zone, "name")) ?? zone;
        own = zone.StartsWith("intel-rapl-mmio", StringComparison.Ordinal) ? $"mmio-{own}" : own;
        var colon = zone.LastIndexOf(':');
        var whole = colon > 0 ? zone[..colon] : "";
        return whole.Contains(':') && Line(Path.Combine(root, whole, "name")) is { } of ? $"{of}/{own}" : own;
    }

    private static long RangeOf(string directory) => long.TryParse(Line(Path.Combine(directory, "max_energy_range_uj")), out var range) && range > 0 ? range : 0;

    private static string? Line(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault() is { Length: > 0 } line ? Printable.Line(line.Trim()) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
