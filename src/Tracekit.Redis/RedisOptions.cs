namespace Tracekit.Redis;

/// <summary>How to connect and what to put up with.</summary>
/// <param name="Endpoint">Where to, and as whom.</param>
public sealed record RedisOptions(RedisEndpoint Endpoint)
{
    /// <summary>What <c>CLIENT LIST</c> shows: no spaces.</summary>
    public string ClientName { get; init; } = "tracekit";

    /// <summary>How long one attempt to connect may take: name lookup, TCP, TLS, login.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long the first connection is tried for; 0 for one attempt. What no further attempt changes ends it at once: no such host, a peer that is
    /// not trusted or no Redis server, a login that is refused.
    /// </summary>
    public TimeSpan FirstConnectWithin { get; init; } = TimeSpan.Zero;

    /// <summary>How long the server may send nothing while a command waits for its reply, before the connection counts as dead.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a command waits for a connection that is lost, before it fails unsent.</summary>
    public TimeSpan MaxWaitForConnection { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a command is sent again while the server answers LOADING, MASTERDOWN, TRYAGAIN or BUSY, or READONLY though it took writes before.
    /// </summary>
    public TimeSpan MaxTransientWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Commands without a reply yet; the next one waits.</summary>
    public int MaxInFlight { get; init; } = 1024;

    /// <summary>Bytes of the commands without a reply yet; the next one waits. One command alone may be larger.</summary>
    public long MaxInFlightBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>What a reply may be.</summary>
    public RespLimits Limits { get; init; } = RespLimits.Default;

    /// <summary>Delays between attempts to connect, and between those of a command that the server refuses for now.</summary>
    public BackOff BackOff { get; init; } = BackOff.Default;

    /// <summary>Seed of the jitter of the delays; null for another one each time.</summary>
    public int? JitterSeed { get; init; }

    /// <summary>
    /// Told of every change, one at a time, from the connection's own task: fit for one log line each. Must return soon; what it throws is dropped.
    /// </summary>
    public Action<RedisStateChange>? StateChanged { get; init; }

    /// <summary>Time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
