using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Tracekit.Containers.Json;
using Tracekit.Model;

namespace Tracekit.Containers.Wire;

/// <summary>HTTP to the engine over its Unix socket, and its failures as one line each.</summary>
internal sealed class EngineConnection : IDisposable
{
    private const int ENOENT = 2;
    private const int EACCES = 13;
    private const long MaxAnswerBytes = 64 * 1024 * 1024;
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5);

    private readonly EngineEndpoint _endpoint;
    private readonly HttpClient _http;

    public EngineConnection(EngineEndpoint endpoint)
    {
        _endpoint = endpoint;
        var handler = new SocketsHttpHandler
        {
            ConnectCallback = (_, cancellation) => ConnectAsync(cancellation),
            ConnectTimeout = ConnectTime,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://localhost/"), Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The API that both speak, "1.41".</summary>
    public string ApiVersion { get; set; } = "";

    /// <summary>Makes a call whose answer is small, reads it and lets <paramref name="read"/> have it.</summary>
    /// <exception cref="EngineException">It failed.</exception>
    public Task<T> CallAsync<T>(EngineCall call, Func<HttpResponseMessage, byte[], T> read, CancellationToken cancellation) =>
        GuardAsync(
            call,
            async limit =>
            {
                using var response = await SendAsync(call, limit).ConfigureAwait(false);
                return read(response, await ReadBodyAsync(response, limit).ConfigureAwait(false));
            },
            cancellation);

    /// <summary>Makes a call that answers with a JSON object.</summary>
    /// <exception cref="EngineException">It failed.</exception>
    public Task<T> JsonAsync<T>(EngineCall call, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        CallAsync(call, (_, body) => JsonSerializer.Deserialize(body, type) ?? throw new JsonException("null"), cancellation);

    /// <summary>Makes a call whose answer goes on: returns when it has begun. The time allowed is for that.</summary>
    /// <exception cref="EngineException">It failed.</exception>
    public Task<HttpResponseMessage> OpenAsync(EngineCall call, CancellationToken cancellation) =>
        GuardAsync(call, limit => SendAsync(call, limit), cancellation);

    /// <summary>Failures of transport, as one line; to be used while an answer that goes on is read, too.</summary>
    public EngineException Explain(EngineCall call, Exception cause)
    {
        for (var inner = cause; inner is not null; inner = inner.InnerException)
        {
            if (inner is EngineException told)
            {
                return told;
            }
        }

        return cause is JsonException or InvalidDataException
            ? new EngineException(EngineFault.Refused, $"{call.What}: the answer of {_endpoint.SocketPath} is not one of a container engine: {Printable.Line(cause.Message)}", cause)
            : new EngineException(
                EngineFault.Interrupted,
                $"{call.What}: the container engine at {_endpoint.SocketPath} went away before it had answered; whether it is done is not known: look, then try again",
                cause);
    }

    public void Dispose() => _http.Dispose();

    private static async Task<byte[]> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        using var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (int got; (got = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0;)
        {
            body.Write(buffer, 0, got);
            if (body.Length > MaxAnswerBytes)
            {
                throw new InvalidDataException($"more than {MaxAnswerBytes} bytes");
            }
        }

        return body.ToArray();
    }

    private async Task<T> GuardAsync<T>(EngineCall call, Func<CancellationToken, Task<T>> action, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(call.TimeAllowed);
        try
        {
            return await action(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new EngineException(
                EngineFault.TimedOut,
                $"{call.What}: no answer from the container engine at {_endpoint.SocketPath} within {Math.Min(call.TimeAllowed.TotalSeconds, int.MaxValue):0.###} s; is it overloaded or stopped?",
                e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or InvalidDataException)
        {
            throw Explain(call, e);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(EngineCall call, CancellationToken cancellation)
    {
        var path = call.IsUnversioned ? call.Path : $"v{ApiVersion}/{call.Path}";
        using var request = new HttpRequestMessage(call.Method, new Uri(path, UriKind.Relative)) { Content = call.Body };
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        if ((int)response.StatusCode < 400)
        {
            return response;
        }

        using (response)
        {
            throw Refusal(call, response.StatusCode, await ReadBodyAsync(response, cancellation).ConfigureAwait(false));
        }
    }

    private EngineException Refusal(EngineCall call, HttpStatusCode status, byte[] body)
    {
        var said = Said(body) ?? $"HTTP status {(int)status}";
        var (fault, advice) = status switch
        {
            HttpStatusCode.NotFound when call.Missing == EngineFault.NoSuchContainer => (call.Missing, "; 'docker ps -a' lists the containers that are there"),
            HttpStatusCode.NotFound when call.Missing == EngineFault.NoSuchImage => (call.Missing, "; 'docker images' lists the images that are there, 'docker pull' fetches one"),
            HttpStatusCode.Conflict => (EngineFault.Conflict, ""),
            _ => (EngineFault.Refused, ""),
        };
        return new EngineException(fault, $"{call.What}: the container engine at {_endpoint.SocketPath} says: {Printable.Line(said)}{advice}");
    }

    private static string? Said(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, EngineJson.Default.ErrorAnswer)?.Message?.ReplaceLineEndings(" ");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async ValueTask<Stream> ConnectAsync(CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_endpoint.SocketPath), cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw NotConnected(e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private EngineException NotConnected(SocketException e) => e.NativeErrorCode switch
    {
        EACCES => new EngineException(
            EngineFault.PermissionDenied,
            $"{_endpoint.SocketPath}: you may not talk to the container engine; ask to be put into the group 'docker', or run as root",
            e),
        ENOENT => new EngineException(
            EngineFault.NotThere,
            $"{_endpoint.SocketPath}: no container engine there; start it (systemctl start docker), or set DOCKER_HOST=unix:///path to its socket",
            e),
        _ => new EngineException(
            EngineFault.NotThere,
            $"{_endpoint.SocketPath}: the container engine does not answer ({Printable.Line(e.Message)}); start it (systemctl start docker), or set DOCKER_HOST=unix:///path",
            e),
    };
}
