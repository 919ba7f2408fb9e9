using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect.Host;

/// <summary>CPU utilisation of all cores together, from tick to tick.</summary>
internal sealed class CpuMeter : IHostMeter
{
    // Only the first line is needed; eleven numbers of up to 20 digits.
    private const int TextBytes = 512;

    private readonly HostFile _file;
    private readonly HostLines _lines;
    private ProcStat? _before;

    private CpuMeter(HostFile file, HostLines lines)
    {
        _file = file;
        _lines = lines;
        _before = Read();
    }

    /// <summary>Of the last interval, in percent; null before the first.</summary>
    public double? UtilPercent { get; private set; }

    /// <summary>Begins to measure; null when the kernel does not tell.</summary>
    public static CpuMeter? TryOpen(HostLines lines, string path = "/proc/stat") => HostFile.TryOpen(path) is { } file ? new CpuMeter(file, lines) : null;

    public void Sample(long tsMs, long nowNs)
    {
        var now = Read();
        if (now is { } after && _before is { } before && ProcStat.UtilisationPercent(before, after) is { } percent)
        {
            UtilPercent = percent;
            _lines.Add(new CpuUtilSample(tsMs, percent).Format(_lines.Room()));
        }

        _before = now ?? _before;
    }

    public void Dispose() => _file.Dispose();

    private ProcStat? Read()
    {
        Span<byte> text = stackalloc byte[TextBytes];
        return ProcStat.TryParse(text[..Math.Max(0, _file.Read(text))], out var stat) ? stat : null;
    }
}
