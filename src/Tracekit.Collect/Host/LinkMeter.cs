using System.Text;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect.Host;

/// <summary>Traffic of one network interface, from tick to tick.</summary>
internal sealed class LinkMeter : IHostMeter
{
    // About 130 bytes an interface: some 500 of them, as on a host with many containers.
    private const int TextBytes = 64 * 1024;
    private const double NsPerSecond = 1e9;

    private readonly string _iface;
    private readonly byte[] _ifaceUtf8;
    private readonly byte[] _link;
    private readonly HostFile _file;
    private readonly HostLines _lines;
    private readonly Action<string> _report;
    private readonly byte[] _text = new byte[TextBytes];
    private ProcNetDev? _before;
    private long _beforeNs;

    private LinkMeter(string iface, string node, HostFile file, HostLines lines, Action<string> report, long nowNs)
    {
        _iface = iface;
        _ifaceUtf8 = Encoding.UTF8.GetBytes(iface);
        _link = HostLine.Name($"{node}.nic");
        _file = file;
        _lines = lines;
        _report = report;
        _before = Read();
        _beforeNs = nowNs;
    }

    /// <summary>The interface's counters as last read; null while it is not there.</summary>
    public ProcNetDev? Counters => _before;

    /// <summary>Begins to measure; null when the kernel does not tell.</summary>
    public static LinkMeter? TryOpen(string iface, string node, HostLines lines, Action<string> report, long nowNs, string path = "/proc/net/dev") =>
        HostFile.TryOpen(path) is { } file ? new LinkMeter(iface, node, file, lines, report, nowNs) : null;

    public void Sample(long tsMs, long nowNs)
    {
        var now = Read();
        if (now is { } after && _before is { } before)
        {
            if (Rate(before, after, nowNs - _beforeNs) is { } rate)
            {
                _lines.Add(new LinkSample(tsMs, rate.RxBps, rate.TxBps).Format(_lines.Room(), _link));
            }
            else
            {
                _report($"interface {_iface}: its counters went back, as of one made anew; this interval is left out");
            }
        }
        else if (now is null != _before is null)
        {
            _report(now is null ? $"interface {_iface}: gone; it is left out until it is back" : $"interface {_iface}: back");
        }

        _before = now;
        _beforeNs = nowNs;
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Bytes a second between two readings; null when a counter went back or no time passed.</summary>
    internal static (long RxBps, long TxBps)? Rate(ProcNetDev before, ProcNetDev after, long intervalNs) =>
        intervalNs > 0 && after.RxBytes >= before.RxBytes && after.TxBytes >= before.TxBytes
            ? (PerSecond(after.RxBytes - before.RxBytes, intervalNs), PerSecond(after.TxBytes - before.TxBytes, intervalNs))
            : null;

    private static long PerSecond(long bytes, long intervalNs) => (long)Math.Round(bytes * NsPerSecond / intervalNs);

    private ProcNetDev? Read() => ProcNetDev.TryFind(_text.AsSpan(0, Math.Max(0, _file.Read(_text))), _ifaceUtf8, out var counters) ? counters : null;
}
