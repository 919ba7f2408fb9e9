using Tracekit.Model;

namespace Tracekit.Containers;

/// <summary>Where the container engine listens: a Unix socket (unix(7)).</summary>
/// <param name="SocketPath">Absolute path of the socket.</param>
public sealed record EngineEndpoint(string SocketPath)
{
    private const string Scheme = "unix://";

    // sun_path has 108 bytes, the last of them 0.
    private const int MaxPathBytes = 107;

    /// <summary>Where the engine listens when nobody says otherwise.</summary>
    public static EngineEndpoint Default { get; } = new("/var/run/docker.sock");

    /// <summary>What <c>DOCKER_HOST</c> says, or <see cref="Default"/>.</summary>
    /// <exception cref="UsageException">It names something that is no Unix socket.</exception>
    public static EngineEndpoint FromEnvironment() => Parse(Environment.GetEnvironmentVariable("DOCKER_HOST"));

    /// <summary>Reads <c>unix:///path</c>; null or nothing is <see cref="Default"/>.</summary>
    /// <param name="dockerHost">The value of <c>DOCKER_HOST</c>.</param>
    /// <exception cref="UsageException">Another transport (tcp, ssh), a path that is not absolute, or one too long for a socket.</exception>
    public static EngineEndpoint Parse(string? dockerHost)
    {
        if (string.IsNullOrEmpty(dockerHost))
        {
            return Default;
        }

        if (!dockerHost.StartsWith(Scheme, StringComparison.Ordinal))
        {
            // Not the value itself: a URL may hold a password.
            throw new UsageException(
                "DOCKER_HOST: only a Unix socket is spoken to, for control groups are read on this machine; write unix:///path, or forward the socket (ssh -L)");
        }

        var path = dockerHost[Scheme.Length..];
        if (!path.StartsWith('/') || path.Contains('\0', StringComparison.Ordinal) || System.Text.Encoding.UTF8.GetByteCount(path) > MaxPathBytes)
        {
            throw new UsageException($"DOCKER_HOST '{Printable.Line(dockerHost)}': write unix:// and an absolute path of at most {MaxPathBytes} bytes");
        }

        return new EngineEndpoint(path);
    }
}
