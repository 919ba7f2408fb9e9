using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect.Host;

/// <summary>Energy of one zone, from tick to tick.</summary>
internal sealed class EnergyMeter : IHostMeter
{
    private const int TextBytes = 64;

    private readonly PowercapZone _zone;
    private readonly HostFile _file;
    private readonly HostLines _lines;
    private readonly Action<string> _report;
    private readonly byte[] _name;
    private EnergyCounter? _before;
    private long _beforeNs;

    private EnergyMeter(PowercapZone zone, HostFile file, HostLines lines, Action<string> report, long nowNs)
    {
        _zone = zone;
        _file = file;
        _lines = lines;
        _report = report;
        _name = HostLine.Name(zone.Name);
        _before = Read();
        _beforeNs = nowNs;
    }

    /// <summary>True for a whole processor package, whose parts are not to be counted again.</summary>
    public bool IsPackage => _zone.Name.StartsWith("package", StringComparison.Ordinal) && !_zone.Name.Contains('/');

    /// <summary>Energy used since the meter began, in µJ.</summary>
    public long UsedUj { get; private set; }

    /// <summary>Begins to measure; null when the counter cannot be read (mostly root only).</summary>
    public static EnergyMeter? TryOpen(PowercapZone zone, HostLines lines, Action<string> report, long nowNs) =>
        HostFile.TryOpen(zone.EnergyFile) is { } file ? new EnergyMeter(zone, file, lines, report, nowNs) : null;

    public void Sample(long tsMs, long nowNs)
    {
        var now = Read();
        if (now is { } after && _before is { } before)
        {
            if (EnergyCounter.UsedUj(before, after, _zone.RangeUj) is { } used)
            {
                UsedUj += used;
                _lines.Add(new EnergySample(tsMs, used, nowNs - _beforeNs).Format(_lines.Room(), _name));
            }
            else
            {
                _report($"energy of {_zone.Name}: the counter went back from {before.EnergyUj} to {after.EnergyUj} µJ and its range is not known; this interval is left out");
            }
        }
        else if (now is null && _before is not null)
        {
            _report($"energy of {_zone.Name}: {_zone.EnergyFile} cannot be read any more; it is left out until it can");
        }

        _before = now;
        _beforeNs = nowNs;
    }

    public void Dispose() => _file.Dispose();

    private EnergyCounter? Read()
    {
        Span<byte> text = stackalloc byte[TextBytes];
        return EnergyCounter.TryParse(text[..Math.Max(0, _file.Read(text))], out var counter) ? counter : null;
    }
}
