using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Tracekit.Redis;
using Tracekit.Schedule;

namespace Tracekit.Bench;

/// <summary>A redis-server of a benchmark's own: on a free loopback port, in memory only, gone with it.</summary>
internal sealed class BenchRedis : IDisposable
{
    private readonly ScratchDirectory _directory = new();
    private readonly Process _process;

    private BenchRedis()
    {
        Port = FreePort();
        _process = Process.Start(new ProcessStartInfo(
            "redis-server", ["--port", $"{Port}", "--bind", "127.0.0.1", "--dir", _directory.Path, "--save", "", "--appendonly", "no"]) { RedirectStandardOutput = true })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
    }

    /// <summary>Its port.</summary>
    public int Port { get; }

    /// <summary>Its address.</summary>
    public string Url => $"redis://127.0.0.1:{Port}/0";

    private RedisOptions Options => new(RedisEndpoint.Parse(Url)) { FirstConnectWithin = TimeSpan.FromSeconds(10) };

    /// <summary>Starts one and connects to it.</summary>
    public static async Task<(BenchRedis Server, RedisConnection Connection)> StartAsync()
    {
        var server = new BenchRedis();
        return (server, await RedisConnection.ConnectAsync(server.Options));
    }

    /// <summary>Connects a role to a server.</summary>
    public static Task<RedisControlPlane> PlaneAsync(string url, string? dispatch = null) => RedisControlPlane.ConnectAsync(
        new RedisControlOptions(new RedisOptions(RedisEndpoint.Parse(url))) { DispatchId = dispatch }, default);

    /// <summary>
    /// Registers nodes without workers: each is <paramref name="capacity"/> large and lives for an hour. What register.lua leaves in Redis, key by key.
    /// </summary>
    public static async Task AddNodesAsync(RedisConnection redis, int count, long capacity)
    {
        const string AnHourMs = "3600000";
        for (var i = 0; i < count; i++)
        {
            var node = $"idle-{i:0000}";
            await redis.CallAsync(RespCommand.Of(
                "MSET", $"cap_total:{node}", $"{capacity}", $"cap:{node}", $"{capacity}", $"run_count:{node}", "0", $"phys:{node}", "1", $"ratio:{node}", "1"));
            await redis.CallAsync(RespCommand.Of("SET", $"tracekit:alive:{node}", "bench", "PX", AnHourMs));
            await redis.CallAsync(RespCommand.Of("HSET", "tracekit:nodes", node, "{}"));
            await redis.CallAsync(RespCommand.Of("HSET", "tracekit:node_slots", node, "0"));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _directory.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
