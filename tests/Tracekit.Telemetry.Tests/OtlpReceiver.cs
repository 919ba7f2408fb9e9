using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Tracekit.Telemetry.Tests;

/// <summary>A data point as it arrived.</summary>
internal sealed record OtlpPoint(string Metric, string Unit, string Kind, IReadOnlyDictionary<string, object> Attributes, double Value);

/// <summary>One export as it arrived (opentelemetry-proto, ExportMetricsServiceRequest).</summary>
internal sealed record OtlpRequest(string Path, string ContentType, IReadOnlyDictionary<string, object> Resource, IReadOnlyList<OtlpPoint> Points)
{
    public static OtlpRequest Decode(string path, string contentType, byte[] body)
    {
        var resourceMetrics = Assert.Single(new ProtobufReader(body).Messages(1));
        var points = resourceMetrics.Messages(2).SelectMany(scope => scope.Messages(2)).SelectMany(PointsOf).ToList();
        return new OtlpRequest(path, contentType, Attributes(Assert.Single(resourceMetrics.Messages(1)), 1), points);
    }

    private static IEnumerable<OtlpPoint> PointsOf(ProtobufReader metric)
    {
        var (kind, data) = metric.Has(5)
            ? ("gauge", metric.Messages(5).Single())
            : metric.Messages(7).Single() is var sum && sum.Number(3) == 1 ? ("counter", sum) : ("updowncounter", metric.Messages(7).Single());
        Assert.True(kind == "gauge" || data.Number(2) == 2, "not cumulative");
        return data.Messages(1).Select(point => new OtlpPoint(
            metric.Text(1),
            metric.Text(3),
            kind,
            Attributes(point, 7),
            point.Has(4) ? BitConverter.UInt64BitsToDouble(point.Number(4)) : (long)point.Number(6)));
    }

    private static Dictionary<string, object> Attributes(ProtobufReader holder, int number) => holder.Messages(number).ToDictionary(
        pair => pair.Text(1),
        pair => pair.Messages(2).Single() is var value && value.Has(3) ? (object)(long)value.Number(3) : value.Text(1));
}

/// <summary>A receiver of OTLP over HTTP of a test's own.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _server;

    public OtlpReceiver(int port = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, port));
        _server = builder.Build();
        _server.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            Requests.Enqueue(OtlpRequest.Decode(context.Request.Path, context.Request.ContentType ?? "", body.ToArray()));
            context.Response.ContentType = "application/x-protobuf";
        });
        _server.StartAsync().GetAwaiter().GetResult();
    }

    public ConcurrentQueue<OtlpRequest> Requests { get; } = new();

    public string Url => _server.Urls.First();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();
}
