using Tracekit.Collect;
using Tracekit.Telemetry.Otlp;
using Tracekit.Telemetry.Prometheus;

namespace Tracekit.Cli.Collect;

/// <summary>Where a collector's current values go beside the files.</summary>
internal sealed class TelemetryOutlets : IDisposable
{
    private readonly ScrapeServer? _scrape;
    private readonly OtlpExport? _otlp;
    private bool _isClosed;

    private TelemetryOutlets(ScrapeServer? scrape, OtlpExport? otlp, IReadOnlyList<string> lines) => (_scrape, _otlp, Lines) = (scrape, otlp, lines);

    /// <summary>What is open, in lines for people.</summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>Opens what is asked for.</summary>
    /// <exception cref="Model.TracekitException">An address is taken or not this machine's.</exception>
    public static TelemetryOutlets Open(CollectOptions options, Func<CollectorSnapshot> snapshot, CancellationToken cancellation)
    {
        var lines = new List<string>();
        ScrapeServer? scrape = null;
        if (options.Prometheus is { } address)
        {
            scrape = ScrapeServer.StartAsync(address, snapshot, cancellation).GetAwaiter().GetResult();
            lines.Add($"scrape    http://{scrape.Address}/metrics");
        }

        OtlpExport? otlp = null;
        if (options.Otlp is { } endpoint)
        {
            otlp = new OtlpExport(endpoint, options.Node, snapshot, options.OtlpInterval, Log.Line);
            lines.Add($"otlp      {endpoint.Url}");
        }

        return new TelemetryOutlets(scrape, otlp, lines);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        _otlp?.Dispose();
        _scrape?.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
