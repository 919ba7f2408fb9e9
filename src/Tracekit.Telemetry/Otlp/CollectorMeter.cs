using System.Diagnostics.Metrics;
using System.Globalization;
using Tracekit.Collect;

namespace Tracekit.Telemetry.Otlp;

/// <summary>
/// A snapshot as OpenTelemetry instruments. Names, units and attributes are those of the semantic conventions for processes and systems
/// (opentelemetry.io/docs/specs/semconv/system); what they have no name for begins with <c>tracekit.</c>.
/// </summary>
internal sealed class CollectorMeter : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string Name = "Tracekit.Collect";

    private const double NsPerSecond = 1e9;
    private const long BytesPerKb = 1024;
    private const long BytesPerMb = 1024 * 1024;

    private readonly Meter _meter = new(Name);
    private CollectorSnapshot? _snapshot;

    public CollectorMeter()
    {
        _meter.CreateObservableCounter("process.cpu.time", ProcessCpuTime, "s", "Total CPU seconds broken down by different CPU modes.");
        _meter.CreateObservableCounter("tracekit.process.cpu.time", () => Processes(p => p.CpuNs / NsPerSecond), "s", "CPU time of all modes, exact.");
        _meter.CreateObservableUpDownCounter("process.memory.usage", () => Processes(p => p.RssKb * BytesPerKb), "By", "The amount of physical memory in use.");
        _meter.CreateObservableUpDownCounter(
            "process.thread.count", () => Processes(p => (long)(p.Threads ?? 0), p => p.Threads is not null), "{thread}", "Process threads count.");
        _meter.CreateObservableGauge("system.cpu.utilization", () => Host(h => h.CpuUtilPercent / 100), "1", "CPU utilisation of the last interval, of all cores.");
        _meter.CreateObservableUpDownCounter(
            "system.memory.usage", () => Host(h => h.MemFreeMb * BytesPerMb, Attribute("system.memory.state", "free")), "By", "Reports memory in use by state.");
        _meter.CreateObservableUpDownCounter("system.memory.limit", () => Host(h => h.MemTotalMb * BytesPerMb), "By", "All memory.");
        _meter.CreateObservableCounter("system.network.io", NetworkIo, "By", "The number of bytes transmitted and received.");
        _meter.CreateObservableCounter(
            "hw.energy", () => Host(h => h.EnergyJoules, Attribute("hw.id", "package"), Attribute("hw.type", "cpu")), "J", "Energy used since the collector began.");
        _meter.CreateObservableCounter("tracekit.collector.ticks", () => Own(s => s.Counts.Ticks), "{tick}", "Ticks served.");
        _meter.CreateObservableCounter("tracekit.collector.missed_ticks", () => Own(s => s.Counts.MissedTicks), "{tick}", "Ticks whose time passed unserved.");
        _meter.CreateObservableCounter("tracekit.collector.samples", () => Own(s => s.Counts.Samples), "{sample}", "Process samples taken.");
        _meter.CreateObservableCounter("tracekit.collector.dropped_samples", () => Own(s => s.Counts.Dropped), "{sample}", "Samples that could not be written.");
    }

    /// <summary>What the instruments show, all of them the same moment.</summary>
    public void Show(CollectorSnapshot snapshot) => _snapshot = snapshot;

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> Attribute(string name, object? value) => new(name, value);

    // A pid may be used again; with the time of its start it names one process.
    private static KeyValuePair<string, object?>[] AttributesOf(in ProcessReading p) =>
    [
        Attribute("process.pid", p.Pid),
        Attribute("process.parent_pid", p.ParentPid),
        Attribute("process.executable.name", p.CommandName),
        Attribute("process.creation.time", DateTimeOffset.FromUnixTimeMilliseconds(p.StartTimeMs).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
    ];

    private IEnumerable<Measurement<double>> ProcessCpuTime()
    {
        foreach (var process in _snapshot?.Processes ?? [])
        {
            var attributes = AttributesOf(process);
            yield return new Measurement<double>(process.CpuUserNs / NsPerSecond, [.. attributes, Attribute("cpu.mode", "user")]);
            yield return new Measurement<double>(process.CpuSystemNs / NsPerSecond, [.. attributes, Attribute("cpu.mode", "system")]);
        }
    }

    private IEnumerable<Measurement<T>> Processes<T>(Func<ProcessReading, T> value, Func<ProcessReading, bool>? where = null)
        where T : struct
    {
        foreach (var process in _snapshot?.Processes ?? [])
        {
            if (where is null || where(process))
            {
                yield return new Measurement<T>(value(process), AttributesOf(process));
            }
        }
    }

    private IEnumerable<Measurement<T>> Host<T>(Func<HostReading, T?> value, params KeyValuePair<string, object?>[] attributes)
        where T : struct
    {
        if (_snapshot?.Host is { } host && value(host) is { } number)
        {
            yield return new Measurement<T>(number, attributes);
        }
    }

    private IEnumerable<Measurement<long>> NetworkIo()
    {
        var device = Attribute("network.interface.name", _snapshot?.Host?.Iface);
        return
        [
            .. Host(h => h.RxBytes, device, Attribute("network.io.direction", "receive")),
            .. Host(h => h.TxBytes, device, Attribute("network.io.direction", "transmit")),
        ];
    }

    private IEnumerable<Measurement<long>> Own(Func<CollectorSnapshot, long> value) => _snapshot is { } snapshot ? [new Measurement<long>(value(snapshot))] : [];
}
