using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Tracekit.Collect;
using Tracekit.Model;

namespace Tracekit.Telemetry.Prometheus;

/// <summary>
/// Serves <c>GET /metrics</c> (and HEAD) and nothing else. A request is small, short and one of few; whoever reads slowly or says nothing is cut off,
/// and none of them can hold the collector, for a page is made from a snapshot before its first byte is sent.
/// </summary>
public sealed class ScrapeServer : IAsyncDisposable
{
    private const string Path = "/metrics";
    private const int MaxConnections = 32;
    private const int MaxRequestLineBytes = 1024;
    private const int MaxHeadersBytes = 16 * 1024;
    private const int MaxHeaders = 64;
    private const double MinResponseBytesPerSecond = 240;
    private static readonly TimeSpan HeadersTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan SlowGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(1);

    private readonly WebApplication _server;

    private ScrapeServer(WebApplication server, IPEndPoint address)
    {
        _server = server;
        Address = address;
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address { get; }

    /// <summary>Begins to serve.</summary>
    /// <param name="address">Where (<see cref="ScrapeAddress.Parse"/>); port 0 takes a free one.</param>
    /// <param name="snapshot">Asked at each scrape, on any thread.</param>
    /// <param name="cancellation">Gives the start up.</param>
    /// <exception cref="TracekitException">The address is not this machine's, taken, or not allowed.</exception>
    public static async Task<ScrapeServer> StartAsync(IPEndPoint address, Func<CollectorSnapshot> snapshot, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => Limit(options, address));
        var server = builder.Build();
        server.Run(context => AnswerAsync(context, snapshot));
        try
        {
            await server.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw new TracekitException($"--prometheus {address}: cannot listen there ({Printable.Line(e.Message)}); choose another address or port", e);
        }

        var port = new Uri(server.Urls.First()).Port;
        return new ScrapeServer(server, new IPEndPoint(address.Address, port));
    }

    /// <summary>Stops serving; a scrape in progress has a second.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(StopTime);
        await _server.StopAsync(limit.Token).ConfigureAwait(false);
        await _server.DisposeAsync().ConfigureAwait(false);
    }

    private static void Limit(KestrelServerOptions options, IPEndPoint address)
    {
        options.AddServerHeader = false;
        options.Limits.MaxConcurrentConnections = MaxConnections;
        options.Limits.MaxRequestBodySize = 0;
        options.Limits.MaxRequestLineSize = MaxRequestLineBytes;
        options.Limits.MaxRequestHeadersTotalSize = MaxHeadersBytes;
        options.Limits.MaxRequestHeaderCount = MaxHeaders;
        options.Limits.RequestHeadersTimeout = HeadersTime;
        options.Limits.KeepAliveTimeout = IdleTime;
        options.Limits.MinResponseDataRate = new MinDataRate(MinResponseBytesPerSecond, SlowGrace);
        options.Listen(address, listen => listen.Protocols = HttpProtocols.Http1);
    }

    private static async Task AnswerAsync(HttpContext context, Func<CollectorSnapshot> snapshot)
    {
        var response = context.Response;
        if (context.Request.Path != Path)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
        }
        else
        {
            var page = CollectorPage.Format(snapshot());
            response.ContentType = CollectorPage.ContentType;
            response.ContentLength = page.Length;
            if (HttpMethods.IsGet(context.Request.Method))
            {
                await response.Body.WriteAsync(page, context.RequestAborted).ConfigureAwait(false);
            }
        }
    }
}
