using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Tracekit.Containers.Json;
using Tracekit.Containers.Wire;
using Tracekit.Model;

namespace Tracekit.Containers;

/// <summary>
/// A container engine that speaks Docker's Engine API (docs.docker.com/reference/api/engine) at a Unix socket of this machine. Every call takes a
/// cancellation token and has a limit of time, except those that wait for a container or for events; every failure is an
/// <see cref="EngineException"/> of one line; a name that is none is a <see cref="UsageException"/> before anything is sent. Safe for several threads.
/// </summary>
public sealed class ContainerEngine : IDisposable
{
    // The calls made here have the same shape in all of these.
    private static readonly Version OldestApi = new(1, 25);
    private static readonly Version NewestApi = new(1, 47);

    private static readonly TimeSpan ImageTime = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan StopSlack = TimeSpan.FromSeconds(20);

    private readonly EngineConnection _connection;

    private ContainerEngine(EngineEndpoint endpoint)
    {
        Endpoint = endpoint;
        _connection = new EngineConnection(endpoint);
    }

    /// <summary>Where it listens.</summary>
    public EngineEndpoint Endpoint { get; }

    /// <summary>The API that both sides speak, "1.41".</summary>
    public string ApiVersion => _connection.ApiVersion;

    /// <summary>Asks the engine which API it speaks; the newest that both know is used.</summary>
    /// <exception cref="EngineException">There is no engine, it may not be talked to, or no API is common.</exception>
    public static async Task<ContainerEngine> ConnectAsync(EngineEndpoint endpoint, CancellationToken cancellation)
    {
        var engine = new ContainerEngine(endpoint);
        try
        {
            engine._connection.ApiVersion = CommonApi(await engine.PingAsync(cancellation).ConfigureAwait(false), endpoint);
            return engine;
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    /// <summary>Asks for a sign of life; returns the newest API that the engine speaks.</summary>
    /// <exception cref="EngineException">There is none.</exception>
    public Task<string> PingAsync(CancellationToken cancellation) => _connection.CallAsync(
        new EngineCall(HttpMethod.Get, "_ping", "ping") { IsUnversioned = true, TimeAllowed = TimeSpan.FromSeconds(10) },
        (response, _) => response.Headers.TryGetValues("Api-Version", out var versions) ? versions.First() : throw new InvalidDataException("no Api-Version"),
        cancellation);

    /// <summary>What the engine says of itself.</summary>
    /// <exception cref="EngineException">The call failed.</exception>
    public Task<EngineVersion> VersionAsync(CancellationToken cancellation) =>
        _connection.JsonAsync(new EngineCall(HttpMethod.Get, "version", "version"), EngineJson.Default.EngineVersion, cancellation);

    /// <summary>The containers.</summary>
    /// <param name="all">Those that do not run, too.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="EngineException">The call failed.</exception>
    public async Task<IReadOnlyList<ContainerSummary>> ListAsync(bool all, CancellationToken cancellation) => await _connection
        .JsonAsync(new EngineCall(HttpMethod.Get, all ? "containers/json?all=1" : "containers/json", "list containers"), EngineJson.Default.ContainerSummaryArray, cancellation)
        .ConfigureAwait(false);

    /// <summary>A container's state and limits.</summary>
    /// <exception cref="EngineException">There is no such container, or the call failed.</exception>
    public Task<ContainerDetails> InspectAsync(string container, CancellationToken cancellation) =>
        _connection.JsonAsync(Call(HttpMethod.Get, container, "/json", "inspect"), EngineJson.Default.ContainerDetails, cancellation);

    /// <summary>Makes a container and returns its id; it does not run yet.</summary>
    /// <exception cref="EngineException">There is no such image, the name is taken, or the call failed.</exception>
    public async Task<string> CreateAsync(ContainerRequest request, CancellationToken cancellation)
    {
        EngineName.CheckImage(request.Image);
        request.Limits.Check();
        var query = request.Name is null ? "" : "?name=" + EngineName.CheckContainer(request.Name);
        var limits = request.Limits;
        var body = new CreateBody(
            request.Image,
            request.Command,
            request.Environment,
            request.Labels,
            new CreateHostConfig(
                request.Binds,
                request.NetworkMode,
                request.CgroupParent,
                request.AutoRemove,
                limits.CpuSet,
                limits.Quota() is -1 ? null : limits.Quota(),
                limits.Quota() is -1 ? null : limits.Period(),
                limits.Shares()));
        var call = new EngineCall(HttpMethod.Post, "containers/create" + query, $"create container {request.Name ?? "from " + request.Image}")
        {
            Missing = EngineFault.NoSuchImage,
            Body = JsonContent.Create(body, EngineJson.Default.CreateBody),
        };
        return (await _connection.JsonAsync(call, EngineJson.Default.CreateAnswer, cancellation).ConfigureAwait(false)).Id;
    }

    /// <summary>Starts a container; false when it runs already.</summary>
    /// <exception cref="EngineException">There is no such container, its program cannot be started, or the call failed.</exception>
    public Task<bool> StartAsync(string container, CancellationToken cancellation) => DoAsync(Call(HttpMethod.Post, container, "/start", "start"), cancellation);

    /// <summary>Asks a container's program to end (SIGTERM, or the image's stop signal) and kills it after the grace; false when it did not run.</summary>
    /// <param name="container">Name or id.</param>
    /// <param name="grace">How long it may take, to the second.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="EngineException">There is no such container, or the call failed.</exception>
    public Task<bool> StopAsync(string container, TimeSpan grace, CancellationToken cancellation)
    {
        var seconds = (int)Math.Ceiling(grace.TotalSeconds);
        var call = Call(HttpMethod.Post, container, string.Create(CultureInfo.InvariantCulture, $"/stop?t={seconds}"), "stop");
        return DoAsync(call with { TimeAllowed = TimeSpan.FromSeconds(seconds) + StopSlack }, cancellation);
    }

    /// <summary>Sends a signal to a container's first process.</summary>
    /// <param name="container">Name or id.</param>
    /// <param name="signal">Its number (signal(7)), 1 to 64.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="EngineException">There is no such container, it does not run (conflict), or the call failed.</exception>
    public Task KillAsync(string container, int signal, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(signal, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(signal, 64);
        return DoAsync(Call(HttpMethod.Post, container, string.Create(CultureInfo.InvariantCulture, $"/kill?signal={signal}"), "kill"), cancellation);
    }

    /// <summary>Waits until a container does not run, without limit of time; returns its exit code, 128 + signal when killed.</summary>
    /// <exception cref="EngineException">There is no such container, or the engine went away meanwhile.</exception>
    public async Task<int> WaitAsync(string container, CancellationToken cancellation)
    {
        var call = Call(HttpMethod.Post, container, "/wait", "wait for") with { TimeAllowed = Timeout.InfiniteTimeSpan };
        var answer = await _connection.CallAsync(
            call,
            (_, body) => body.Length == 0
                ? throw new EndOfStreamException()
                : JsonSerializer.Deserialize(body, EngineJson.Default.WaitAnswer) ?? throw new JsonException("null"),
            cancellation).ConfigureAwait(false);
        return answer.Error?.Message is { Length: > 0 } error
            ? throw new EngineException(EngineFault.Refused, $"{call.What}: the container engine says: {Printable.Line(error)}")
            : answer.StatusCode;
    }

    /// <summary>Freezes a container's processes (cgroup freezer).</summary>
    /// <exception cref="EngineException">There is no such container, it does not run or is paused already (conflict), or the call failed.</exception>
    public Task PauseAsync(string container, CancellationToken cancellation) => DoAsync(Call(HttpMethod.Post, container, "/pause", "pause"), cancellation);

    /// <summary>Lets a paused container go on.</summary>
    /// <exception cref="EngineException">There is no such container, it is not paused (conflict), or the call failed.</exception>
    public Task UnpauseAsync(string container, CancellationToken cancellation) => DoAsync(Call(HttpMethod.Post, container, "/unpause", "unpause"), cancellation);

    /// <summary>Changes a container's CPU limits, also while it runs.</summary>
    /// <exception cref="UsageException">A limit outside its range.</exception>
    /// <exception cref="EngineException">There is no such container, the kernel refuses, or the call failed.</exception>
    public Task UpdateAsync(string container, ContainerLimits limits, CancellationToken cancellation)
    {
        limits.Check();
        var body = new UpdateBody(limits.CpuSet, limits.Quota(), limits.Period(), limits.Shares());
        return DoAsync(Call(HttpMethod.Post, container, "/update", "update") with { Body = JsonContent.Create(body, EngineJson.Default.UpdateBody) }, cancellation);
    }

    /// <summary>Removes a container.</summary>
    /// <param name="container">Name or id.</param>
    /// <param name="force">Also one that runs; it is killed.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="EngineException">There is no such container, it runs (conflict), or the call failed.</exception>
    public Task RemoveAsync(string container, bool force, CancellationToken cancellation) =>
        DoAsync(Call(HttpMethod.Delete, container, force ? "?force=1&v=1" : "?v=1", "remove"), cancellation);

    /// <summary>What a container wrote, oldest first.</summary>
    /// <param name="container">Name or id.</param>
    /// <param name="follow">Go on with what it writes, until it ends.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="EngineException">There is no such container, or the engine went away.</exception>
    public async IAsyncEnumerable<LogFrame> LogsAsync(string container, bool follow, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        // The stream itself does not say whether it is framed (before API 1.42).
        var isTerminal = (await InspectAsync(container, cancellation).ConfigureAwait(false)).Config.Tty;
        var call = Call(HttpMethod.Get, container, $"/logs?stdout=1&stderr=1{(follow ? "&follow=1" : "")}", "read the logs of");
        using var response = await _connection.OpenAsync(call, cancellation).ConfigureAwait(false);
        using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var frames = isTerminal ? LogFrameReader.ReadRawAsync(body, cancellation) : LogFrameReader.ReadFramesAsync(body, cancellation);
        await foreach (var frame in Told(call, frames).ConfigureAwait(false))
        {
            yield return frame;
        }
    }

    /// <summary>
    /// What happens to a container, from <paramref name="since"/> on and without end. An event may come twice; between two calls, none is lost that the
    /// engine still remembers (it keeps 256).
    /// </summary>
    /// <param name="container">Name or id; null for every container.</param>
    /// <param name="since">From when on; the engine remembers a few.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="EngineException">The engine went away.</exception>
    public async IAsyncEnumerable<EngineEvent> EventsAsync(
        string? container, DateTimeOffset since, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var filters = new Dictionary<string, string[]> { ["type"] = ["container"] };
        if (container is not null)
        {
            filters["container"] = [EngineName.CheckContainer(container)];
        }

        var ms = since.ToUnixTimeMilliseconds();
        var query = Uri.EscapeDataString(JsonSerializer.Serialize(filters, EngineJson.Default.DictionaryStringStringArray));
        var call = new EngineCall(
            HttpMethod.Get,
            string.Create(CultureInfo.InvariantCulture, $"events?since={ms / 1000}.{ms % 1000:000}000000&filters={query}"),
            container is null ? "follow events" : $"follow events of container {container}");
        using var response = await _connection.OpenAsync(call, cancellation).ConfigureAwait(false);
        using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await foreach (var line in Told(call, BoundedLines.ReadAsync(body, cancellation)).ConfigureAwait(false))
        {
            yield return Parsed(call, line);
        }
    }

    /// <summary>Makes an image of one layer from a tar archive of its files (docker import); returns its id.</summary>
    /// <param name="tar">The archive, read to its end.</param>
    /// <param name="repository">The image's name without tag.</param>
    /// <param name="tag">Its tag.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="EngineException">The archive is not one, or the call failed.</exception>
    public async Task<string> ImportImageAsync(Stream tar, string repository, string tag, CancellationToken cancellation)
    {
        EngineName.CheckImage($"{repository}:{tag}");
        var call = ImageCall($"images/create?fromSrc=-&repo={Uri.EscapeDataString(repository)}&tag={tag}", $"import image {repository}:{tag}", tar);
        return (await ProgressAsync(call, cancellation).ConfigureAwait(false)).LastOrDefault(l => l.Status is not null)?.Status ?? "";
    }

    /// <summary>Loads the images of an archive that <see cref="ExportImageAsync"/> (docker save) wrote; returns what the engine says of each.</summary>
    /// <exception cref="EngineException">The archive is not one, or the call failed.</exception>
    public async Task<IReadOnlyList<string>> LoadImageAsync(Stream tar, CancellationToken cancellation) =>
    [
        .. (await ProgressAsync(ImageCall("images/load?quiet=1", "load image", tar), cancellation).ConfigureAwait(false))
            .Where(l => l.Stream is not null)
            .Select(l => Printable.Line(l.Stream!.TrimEnd('\n'))),
    ];

    /// <summary>Writes an image with all its layers as a tar archive (docker save).</summary>
    /// <exception cref="EngineException">There is no such image, or the call failed.</exception>
    public async Task ExportImageAsync(string image, Stream tar, CancellationToken cancellation)
    {
        var call = ImageOf(HttpMethod.Get, image, "/get", "save");
        using var response = await _connection.OpenAsync(call, cancellation).ConfigureAwait(false);
        using var body = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        try
        {
            await body.CopyToAsync(tar, cancellation).ConfigureAwait(false);
        }
        catch (HttpIOException e)
        {
            throw _connection.Explain(call, e);
        }
    }

    /// <summary>What an image is.</summary>
    /// <exception cref="EngineException">There is no such image, or the call failed.</exception>
    public Task<ImageDetails> InspectImageAsync(string image, CancellationToken cancellation) =>
        _connection.JsonAsync(ImageOf(HttpMethod.Get, image, "/json", "inspect"), EngineJson.Default.ImageDetails, cancellation);

    /// <summary>Removes an image.</summary>
    /// <exception cref="EngineException">There is no such image, a container uses it (conflict), or the call failed.</exception>
    public Task RemoveImageAsync(string image, CancellationToken cancellation) => DoAsync(ImageOf(HttpMethod.Delete, image, "", "remove"), cancellation);

    /// <summary>Closes the connections. What the engine runs goes on.</summary>
    public void Dispose() => _connection.Dispose();

    /// <summary>The newest API that both speak.</summary>
    internal static string CommonApi(string engineApi, EngineEndpoint endpoint)
    {
        if (!Version.TryParse(engineApi, out var theirs) || theirs < OldestApi)
        {
            throw new EngineException(
                EngineFault.Refused,
                $"{endpoint.SocketPath}: the container engine speaks API '{Printable.Line(engineApi)}', and this program {OldestApi} or later; install a newer engine");
        }

        return (theirs < NewestApi ? theirs : NewestApi).ToString();
    }

    private static EngineCall Call(HttpMethod method, string container, string tail, string verb) =>
        new(method, $"containers/{EngineName.CheckContainer(container)}{tail}", $"{verb} container {container}") { Missing = EngineFault.NoSuchContainer };

    private static EngineCall ImageOf(HttpMethod method, string image, string tail, string verb) =>
        new(method, $"images/{EngineName.CheckImage(image)}{tail}", $"{verb} image {image}") { Missing = EngineFault.NoSuchImage, TimeAllowed = ImageTime };

    private static EngineCall ImageCall(string path, string what, Stream tar)
    {
        var body = new StreamContent(tar);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
        return new EngineCall(HttpMethod.Post, path, what) { Body = body, TimeAllowed = ImageTime };
    }

    private Task<bool> DoAsync(EngineCall call, CancellationToken cancellation) =>
        _connection.CallAsync(call, (response, _) => response.StatusCode != HttpStatusCode.NotModified, cancellation);

    // Image calls answer 200 and then tell of their failure in the body.
    private Task<List<ProgressLine>> ProgressAsync(EngineCall call, CancellationToken cancellation) => _connection.CallAsync(
        call,
        (_, body) =>
        {
            var lines = new List<ProgressLine>();
            foreach (var range in body.AsSpan().Split((byte)'\n'))
            {
                var text = body.AsSpan()[range].Trim(" \r"u8);
                if (!text.IsEmpty && JsonSerializer.Deserialize(text, EngineJson.Default.ProgressLine) is { } line)
                {
                    lines.Add(line.Error is null
                        ? line
                        : throw new EngineException(EngineFault.Refused, $"{call.What}: the container engine at {Endpoint.SocketPath} says: {Printable.Line(line.Error)}"));
                }
            }

            return lines;
        },
        cancellation);

    private EngineEvent Parsed(EngineCall call, byte[] line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, EngineJson.Default.EngineEvent) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw _connection.Explain(call, e);
        }
    }

    // A failure in the middle of an answer that goes on is told like any other.
    private async IAsyncEnumerable<T> Told<T>(EngineCall call, IAsyncEnumerable<T> source)
    {
        await using var items = source.GetAsyncEnumerator();
        while (true)
        {
            try
            {
                if (!await items.MoveNextAsync().ConfigureAwait(false))
                {
                    yield break;
                }
            }
            catch (Exception e) when (e is IOException or InvalidDataException)
            {
                throw _connection.Explain(call, e);
            }

            yield return items.Current;
        }
    }
}
