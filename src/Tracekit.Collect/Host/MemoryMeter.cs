using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect.Host;

/// <summary>Free memory of the machine.</summary>
internal sealed class MemoryMeter : IHostMeter
{
    // MemTotal, MemFree and MemAvailable are the first three lines.
    private const int TextBytes = 512;
    private const int KbPerMb = 1024;

    private readonly HostFile _file;
    private readonly HostLines _lines;

    private MemoryMeter(HostFile file, HostLines lines)
    {
        _file = file;
        _lines = lines;
    }

    /// <summary>Free memory in MiB; null before the first reading.</summary>
    public long? FreeMb { get; private set; }

    /// <summary>All memory in MiB; null before the first reading.</summary>
    public long? TotalMb { get; private set; }

    /// <summary>Begins to measure; null when the kernel does not tell.</summary>
    public static MemoryMeter? TryOpen(HostLines lines, string path = "/proc/meminfo") => HostFile.TryOpen(path) is { } file ? new MemoryMeter(file, lines) : null;

    public void Sample(long tsMs, long nowNs)
    {
        Span<byte> buffer = stackalloc byte[TextBytes];
        var text = buffer[..Math.Max(0, _file.Read(buffer))];
        if (!ProcMemInfo.TryFindKb(text, "MemFree:"u8, out var freeKb))
        {
            return;
        }

        FreeMb = freeKb / KbPerMb;
        TotalMb = ProcMemInfo.TryFindKb(text, "MemTotal:"u8, out var totalKb) ? totalKb / KbPerMb : null;
        long? availableMb = ProcMemInfo.TryFindKb(text, "MemAvailable:"u8, out var availableKb) ? availableKb / KbPerMb : null;
        _lines.Add(new MemFreeSample(tsMs, FreeMb.Value, availableMb).Format(_lines.Room()));
    }

    public void Dispose() => _file.Dispose();
}
