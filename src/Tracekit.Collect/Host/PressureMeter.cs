using System.Text;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect.Host;

/// <summary>How long tasks were held up by one resource (pressure stall information).</summary>
internal sealed class PressureMeter : IHostMeter
{
    private const int TextBytes = 256;

    private readonly HostFile _file;
    private readonly HostLines _lines;
    private readonly byte[] _resource;

    private PressureMeter(HostFile file, HostLines lines, string resource)
    {
        _file = file;
        _lines = lines;
        _resource = Encoding.ASCII.GetBytes(resource);
    }

    /// <summary>The resources that this kernel tells of; not its interrupts, whose file has no line "some".</summary>
    public static IReadOnlyList<PressureMeter> OpenAll(HostLines lines, string root = "/proc/pressure") =>
    [
        .. ((string[])["cpu", "memory", "io"])
            .Select(resource => HostFile.TryOpen(Path.Combine(root, resource)) is { } file ? new PressureMeter(file, lines, resource) : null)
            .OfType<PressureMeter>(),
    ];

    public void Sample(long tsMs, long nowNs)
    {
        Span<byte> text = stackalloc byte[TextBytes];
        if (ProcPressure.TryParse(text[..Math.Max(0, _file.Read(text))], out var pressure))
        {
            var sample = new PressureSample(tsMs, pressure.Some.Avg10Percent, pressure.Some.TotalUs, pressure.Full?.Avg10Percent, pressure.Full?.TotalUs);
            _lines.Add(sample.Format(_lines.Room(), _resource));
        }
    }

    public void Dispose() => _file.Dispose();
}
