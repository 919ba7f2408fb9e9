using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Tracekit.Redis;

namespace Tracekit.Bench;

/// <summary>
/// Scripts a second over one connection: our client with many calls at once, against redis-benchmark with 16 commands in a pipeline, on the same
/// server in turn.
/// </summary>
internal static class RedisClientBenchmark
{
    private const int Calls = 300_000;
    private const int Rounds = 5;
    private const int Callers = 64;
    private const int FewCallers = 16;
    private static readonly RedisScript Script = new("count", "return redis.call('INCRBY', KEYS[1], ARGV[1])");

    public static IEnumerable<BenchRow> Run()
    {
        using var directory = new ScratchDirectory();
        var port = FreePort();
        using var server = StartServer(directory.Path, port);
        try
        {
            yield return Measure(port).GetAwaiter().GetResult();
        }
        finally
        {
            server.Kill();
            server.WaitForExit();
        }
    }

    private static async Task<BenchRow> Measure(int port)
    {
        var options = new RedisOptions(RedisEndpoint.Parse($"redis://127.0.0.1:{port}")) { FirstConnectWithin = TimeSpan.FromSeconds(10) };
        await using var redis = await RedisConnection.ConnectAsync(options);
        await redis.CallAsync(Script.Command(keys: 1).Add("counter").Add(1));
        var ours = new List<double>();
        var oursWithFew = new List<double>();
        var peer = new List<double>();
        for (var round = 0; round <= Rounds; round++)
        {
            var oursRate = await OurRateAsync(redis, Callers);
            var fewRate = await OurRateAsync(redis, FewCallers);
            var peerRate = PeerRate(port);
            if (round > 0)
            {
                ours.Add(oursRate);
                oursWithFew.Add(fewRate);
                peer.Add(peerRate);
            }
        }

        var ratio = Median.Of(ours.Zip(peer, (o, p) => o / p));
        return new BenchRow(
            "EVALSHA of a one-line script over one connection",
            $"{Median.Of(ours) / 1000:0} k/s ({Callers} callers, each awaiting its reply); {Median.Of(oursWithFew) / 1000:0} k/s with {FewCallers}",
            $"{Median.Of(peer) / 1000:0} k/s (redis-benchmark -c 1 -P 16)",
            $"{ratio:0.00}×",
            "≥ 1.0×",
            ratio >= 1);
    }

    private static async Task<double> OurRateAsync(RedisConnection redis, int callers)
    {
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => CallInTurnAsync(redis, Calls / callers))));
        return Calls / watch.Elapsed.TotalSeconds;
    }

    private static async Task CallInTurnAsync(RedisConnection redis, int calls)
    {
        var command = Script.Command(keys: 1);
        for (var i = 0; i < calls; i++)
        {
            await redis.CallAsync(command.Restart().Add("counter"u8).Add(1));
        }
    }

    private static double PeerRate(int port)
    {
        var start = new ProcessStartInfo("redis-benchmark") { RedirectStandardOutput = true };
        string[] arguments = ["-p", $"{port}", "-n", $"{Calls}", "-P", "16", "-c", "1", "--csv", "evalsha", Script.Sha1, "1", "counter", "1"];
        Array.ForEach(arguments, start.ArgumentList.Add);
        using var process = Process.Start(start)!;
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();

        // "test","rps",… then one line of values; the test's name holds no comma.
        return double.Parse(lines[^1].Split(',')[1].Trim('"'), CultureInfo.InvariantCulture);
    }

    private static Process StartServer(string directory, int port)
    {
        var start = new ProcessStartInfo("redis-server") { RedirectStandardOutput = true };
        string[] arguments = ["--port", $"{port}", "--bind", "127.0.0.1", "--dir", directory, "--save", "", "--appendonly", "no", "--daemonize", "no"];
        Array.ForEach(arguments, start.ArgumentList.Add);
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        return process;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
