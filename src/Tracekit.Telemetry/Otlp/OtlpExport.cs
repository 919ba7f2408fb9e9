using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Tracekit.Collect;
using Tracekit.Model;

namespace Tracekit.Telemetry.Otlp;

/// <summary>What was sent.</summary>
/// <param name="Delivered">Exports that the receiver took.</param>
/// <param name="Failed">Exports that did not arrive.</param>
public readonly record struct OtlpCounts(long Delivered, long Failed);

/// <summary>
/// Sends what a collector knows to an OpenTelemetry receiver at a fixed interval, on a thread of its own, until it is disposed. Nothing is kept for
/// later: counters are cumulative, so that the next export bridges one that failed, and memory stays the same however long the receiver is away.
/// </summary>
public sealed class OtlpExport : IDisposable
{
    // Sets of attributes for each instrument; those of processes that ended make room again. Two for each process: user and system.
    private const int MaxSeries = 8192;

    private static readonly TimeSpan SendTime = TimeSpan.FromSeconds(5);

    private readonly OtlpEndpoint _endpoint;
    private readonly Func<CollectorSnapshot> _source;
    private readonly Action<string> _onTrouble;
    private readonly TimeSpan _interval;
    private readonly CollectorMeter _meter = new();
    private readonly BaseExportingMetricReader _reader;
    private readonly MeterProvider _provider;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private long _delivered;
    private long _failed;
    private bool _isInTrouble;

    /// <summary>Begins to send; the first export is at once.</summary>
    /// <param name="endpoint">Where to.</param>
    /// <param name="node">Who sends: the run, the node, its stage and host.</param>
    /// <param name="snapshot">Asked at each export, on the export's thread.</param>
    /// <param name="interval">Time between the begins of two exports.</param>
    /// <param name="onTrouble">Told in one line when exports begin to fail, once until one arrives again.</param>
    public OtlpExport(OtlpEndpoint endpoint, NodeMeta node, Func<CollectorSnapshot> snapshot, TimeSpan interval, Action<string> onTrouble)
    {
        (_endpoint, _source, _interval, _onTrouble) = (endpoint, snapshot, interval, onTrouble);
        var options = new OtlpExporterOptions
        {
            Endpoint = endpoint.Url,
            Protocol = endpoint.IsGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf,
            TimeoutMilliseconds = (int)SendTime.TotalMilliseconds,
        };
        _reader = new BaseExportingMetricReader(new OtlpMetricExporter(options)) { TemporalityPreference = MetricReaderTemporalityPreference.Cumulative };
        _provider = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddTelemetrySdk().AddAttributes(ResourceOf(node)))
            .AddMeter(CollectorMeter.Name)
            .AddView(instrument => instrument.Name.Contains("process.", StringComparison.Ordinal) ? new MetricStreamConfiguration { CardinalityLimit = MaxSeries } : null)
            .AddReader(_reader)
            .Build();
        _thread = new Thread(Run) { IsBackground = true, Name = "otlp" };
        _thread.Start();
    }

    /// <summary>What was sent so far.</summary>
    public OtlpCounts Counts => new(Volatile.Read(ref _delivered), Volatile.Read(ref _failed));

    /// <summary>Sends what is known at the end, waits for that at most 5 s, and stops.</summary>
    public void Dispose()
    {
        if (_stop.IsSet)
        {
            return;
        }

        _stop.Set();
        _thread.Join();
        _provider.Dispose();
        _meter.Dispose();
        _stop.Dispose();
    }

    private static IEnumerable<KeyValuePair<string, object>> ResourceOf(NodeMeta node)
    {
        yield return new("service.name", "tracekit");
        foreach (var (name, value) in new[]
        {
            ("host.name", node.Host), ("tracekit.run_id", node.RunId), ("tracekit.node", node.Node), ("tracekit.stage", node.Stage),
        })
        {
            if (value is not null)
            {
                yield return new(name, value);
            }
        }
    }

    private void Run()
    {
        TimeSpan rest;
        do
        {
            var began = TimeProvider.System.GetTimestamp();
            _meter.Show(_source());
            Count(_reader.Collect((int)SendTime.TotalMilliseconds));
            rest = _interval - TimeProvider.System.GetElapsedTime(began);
        }
        while (!_stop.Wait(rest > TimeSpan.Zero ? rest : TimeSpan.Zero));

        _meter.Show(_source());
        Count(_provider.Shutdown((int)SendTime.TotalMilliseconds));
    }

    private void Count(bool isDelivered)
    {
        if (isDelivered)
        {
            Volatile.Write(ref _delivered, _delivered + 1);
        }
        else
        {
            Volatile.Write(ref _failed, _failed + 1);
            if (!_isInTrouble)
            {
                _onTrouble($"--otlp {_endpoint.Url}: metrics do not arrive; is a receiver there? Collecting goes on, and so do attempts");
            }
        }

        _isInTrouble = !isDelivered;
    }
}
