using System.Diagnostics;
using System.Globalization;
using Tracekit.Model;
using Tracekit.Redis;
using Tracekit.Schedule;

namespace Tracekit.Bench;

/// <summary>
/// The control plane on a real Redis: how many tasks a second a scheduler dispatches from a full line, how soon a task's program runs on an idle system,
/// and what waiting costs; with one node, a few, and a thousand.
/// </summary>
internal static class ControlPlaneBenchmark
{
    private const int Tasks = 100_000;
    private static readonly int[] Nodes = [1, 16, 1000];
    private const int Latencies = 300;
    private const double GoalTasksPerSecond = 30_000;
    private const double GoalP50Ms = 4;
    private const double GoalP99Ms = 15;
    private const double GoalIdlePercent = 0.2;
    private const long HugeCapacity = 1_000_000_000;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);

    // What dispatching one task takes, without deciding or checking anything.
    private const string EqualScript = """
        local h=redis.call('LINDEX','q:pending',0); redis.call('LPOP','q:pending'); redis.call('GET','cap:idle-0000');
        redis.call('DECRBY','cap:idle-0000',1); redis.call('INCR','run_count:idle-0000'); local o=redis.call('INCR','tracekit:order');
        local k='tracekit:task:'..o; redis.call('HINCRBY',k,'attempt',1); redis.call('HSETNX',k,'order',o);
        redis.call('HSET',k,'json',h,'node','idle-0000','state','dispatched','units','1','slot','0','dispatch','d');
        redis.call('SADD','tracekit:on:idle-0000',o); redis.call('RPUSH','q:idle-0000',h); return 1
        """;

    public static IEnumerable<BenchRow> Run()
    {
        foreach (var nodes in Nodes)
        {
            var (ours, reference) = ThroughputAsync(nodes).GetAwaiter().GetResult();
            var ratio = ours / reference;
            yield return new BenchRow(
                $"scheduler, {Tasks} tasks over {nodes} nodes, weigher instances, compiled code",
                $"{ours:0} tasks/s",
                $"{reference:0}/s (redis-benchmark -P 16 -c 1, EVALSHA of an equal script)",
                $"{ratio:0.00} ×",
                $"≥ 1 × and > {GoalTasksPerSecond:0} tasks/s",
                ratio >= 1 && ours > GoalTasksPerSecond);
        }

        foreach (var nodes in Nodes)
        {
            var (p50, p99, schedulerPercent, workerPercent) = IdleSystemAsync(nodes).GetAwaiter().GetResult();
            yield return new BenchRow(
                $"enqueue to program start, idle system, {nodes} nodes, {Latencies} tasks one at a time",
                $"p50 {p50:0.00} ms, p99 {p99:0.00} ms",
                "-",
                $"{p50:0.00} ms, {p99:0.00} ms",
                $"p50 ≤ {GoalP50Ms} ms, p99 ≤ {GoalP99Ms} ms",
                p50 <= GoalP50Ms && p99 <= GoalP99Ms);
            yield return new BenchRow(
                $"CPU while idle for {Idle.TotalSeconds:0} s, {nodes} nodes",
                $"scheduler {schedulerPercent:0.00} %, worker {workerPercent:0.00} % of a core",
                "-",
                $"{Math.Max(schedulerPercent, workerPercent):0.00} %",
                $"< {GoalIdlePercent} % each",
                Math.Max(schedulerPercent, workerPercent) < GoalIdlePercent);
        }
    }

    private static async Task<(double Ours, double Reference)> ThroughputAsync(int nodes)
    {
        var (server, redis) = await BenchRedis.StartAsync();
        using (server)
        await using (redis)
        {
            await BenchRedis.AddNodesAsync(redis, nodes, HugeCapacity);
            var task = Sample();
            await using var plane = await BenchRedis.PlaneAsync(server.Url);

            // A line of the same length first: a scheduler runs for days, its code is compiled for good.
            await FillAsync(redis, task, "first");
            await DrainAsync(plane);
            await FillAsync(redis, task, "second");
            var ours = Tasks / (await DrainAsync(plane)).TotalSeconds;
            await FillAsync(redis, task, "third");
            return (ours, await ReferenceAsync(server, redis));
        }
    }

    private static async Task<TimeSpan> DrainAsync(RedisControlPlane plane)
    {
        var weigher = HostWeigher.Parse("instances", "min");
        var since = Stopwatch.GetTimestamp();
        while ((await plane.TryDispatchHeadAsync(weigher, default)).Outcome == DispatchOutcome.Dispatched)
        {
        }

        return Stopwatch.GetElapsedTime(since);
    }

    // All under ids of their own, as a dispatcher would have pushed them.
    private static async Task FillAsync(RedisConnection redis, TaskSpec task, string dispatch)
    {
        const int AtOnce = 500;
        for (var i = 0; i < Tasks; i += AtOnce)
        {
            var command = new RespCommand("RPUSH").Add("q:pending");
            for (var j = i; j < i + AtOnce; j++)
            {
                command.Add((task with { Id = $"{dispatch}-{j}", Dispatch = dispatch, Seq = j }).ToJson());
            }

            await redis.CallAsync(command);
        }
    }

    private static async Task<double> ReferenceAsync(BenchRedis server, RedisConnection redis)
    {
        var sha = (await redis.CallAsync(RespCommand.Of("SCRIPT", "LOAD", EqualScript))).AsText();
        using var process = Process.Start(new ProcessStartInfo(
            "redis-benchmark", ["-p", $"{server.Port}", "-P", "16", "-c", "1", "-n", $"{Tasks}", "--csv", "evalsha", sha, "0"]) { RedirectStandardOutput = true })!;
        var csv = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return double.Parse(csv.Trim().Split('\n')[^1].Split(',')[1].Trim('"'), CultureInfo.InvariantCulture);
    }

    private static async Task<(double P50, double P99, double SchedulerPercent, double WorkerPercent)> IdleSystemAsync(int nodes)
    {
        const int WarmUp = 100;
        var (server, redis) = await BenchRedis.StartAsync();
        using (server)
        await using (redis)
        {
            // The other nodes have no room, so the one worker gets every task; the scheduler looks at all of them all the same.
            await BenchRedis.AddNodesAsync(redis, nodes - 1, capacity: 0);
            using var worker = ControlPlaneRole.Start("worker", server.Url);
            using var scheduler = ControlPlaneRole.Start("scheduler", server.Url);
            await using var dispatcher = await BenchRedis.PlaneAsync(server.Url, "d");
            var clock = new RunClock(TimeProvider.System);
            var latencies = new List<double>();
            for (var i = 0; i < WarmUp + Latencies; i++)
            {
                // On an idle system: what the task before needed is over, its result is in.
                await AllAcceptedAsync(dispatcher, i);
                var since = clock.NowNs;
                await dispatcher.PushAsync(Sample() with { Seq = i, TsEnqueue = since / RunClock.NsPerMs }, default);
                var startedNs = long.Parse(worker.ReadLine(), CultureInfo.InvariantCulture);
                if (i >= WarmUp)
                {
                    latencies.Add((startedNs - since) / 1e6);
                }
            }

            // What the runtime does about the work before (recompiling in the background, collecting) is no part of being idle.
            await Task.Delay(Settle);
            var (schedulerMs, workerMs) = (scheduler.CpuMs, worker.CpuMs);
            var watch = Stopwatch.StartNew();
            await Task.Delay(Idle);
            var percentPerMs = 100 / watch.Elapsed.TotalMilliseconds;
            latencies.Sort();
            return (
                latencies[latencies.Count / 2],
                latencies[latencies.Count * 99 / 100],
                (scheduler.CpuMs - schedulerMs) * percentPerMs,
                (worker.CpuMs - workerMs) * percentPerMs);
        }
    }

    private static async Task AllAcceptedAsync(RedisControlPlane plane, int count)
    {
        var settle = TimeSpan.FromMilliseconds(5);
        await Task.Delay(settle);
        while ((await plane.SnapshotAsync(default)).Succeeded < count)
        {
            await Task.Delay(settle);
        }
    }

    private static TaskSpec Sample() => new()
    {
        Input = "inputs/a.mp4",
        Output = "outputs/a_1280x720_h264_veryfast_n0000.mp4",
        Scale = "1280:720",
        Vcodec = "h264",
        Preset = "veryfast",
        Crf = 28,
    };
}
