using Tracekit.Model;

namespace Tracekit.Telemetry.Otlp;

/// <summary>Where metrics are sent by the OpenTelemetry protocol.</summary>
/// <param name="Url">For HTTP with the path of metrics, for gRPC without a path.</param>
/// <param name="IsGrpc">gRPC; else protobuf over HTTP.</param>
public sealed record OtlpEndpoint(Uri Url, bool IsGrpc)
{
    private const string MetricsPath = "/v1/metrics";

    /// <summary>
    /// Reads <c>http://host:4318</c> or <c>https://…</c> (protobuf over HTTP, at <c>/v1/metrics</c> unless a path is given), or <c>grpc://host:4317</c> and
    /// <c>grpcs://…</c>. What proves who we are does not belong into a URL: <c>OTEL_EXPORTER_OTLP_HEADERS</c> has it.
    /// </summary>
    /// <exception cref="UsageException">Not such a URL, or one with a name and password.</exception>
    public static OtlpEndpoint Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            throw new UsageException("--otlp: not a URL of a receiver; write http://HOST:4318 or grpc://HOST:4317");
        }

        if (url.UserInfo.Length > 0)
        {
            throw new UsageException("--otlp: no name or password in the URL; put a header into OTEL_EXPORTER_OTLP_HEADERS");
        }

        var plain = url.GetLeftPart(UriPartial.Authority);
        return url.Scheme switch
        {
            "http" or "https" => new OtlpEndpoint(url.AbsolutePath == "/" ? new Uri(plain + MetricsPath) : url, IsGrpc: false),
            "grpc" or "grpcs" when url.AbsolutePath is "" or "/" => new OtlpEndpoint(new Uri("http" + plain["grpc".Length..]), IsGrpc: true),
            _ => throw new UsageException($"--otlp '{Printable.Line(text)}': write http://HOST:4318, https://…, grpc://HOST:4317 or grpcs://…"),
        };
    }
}
