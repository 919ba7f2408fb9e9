using System.Collections.Concurrent;
using Tracekit.Model;
using Tracekit.Redis;
using Tracekit.Redis.Tests;

namespace Tracekit.Schedule.Tests.Queue;

/// <summary>
/// Each role of the older tool in turn stands in for ours. Our roles are the real ones, over a real server; only the programs are fakes.
/// </summary>
#pragma warning disable CA1001 // xunit disposes by IAsyncLifetime
public sealed class InteroperationTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private const int Capacity = 4;
    private const int Slots = 2;
    private const string Node = "n1";

    private static readonly TaskSpec[] Tasks = [.. Enumerable.Range(0, 24).Select(i => Sample.Task(i, units: 1 + (i * 7 % Capacity)))];

    private readonly RedisServer _server = new();
    private readonly List<RedisControlPlane> _planes = [];
    private readonly List<Task> _roles = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly BriefRunner _runner = new();
    private RedisConnection _redis = null!;
    private OlderTool _older = null!;

    public async Task InitializeAsync()
    {
        _redis = await _server.ConnectAsync();
        _older = new OlderTool(RedisServer.OptionsFor(_server.Url), _redis);
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        foreach (var plane in _planes)
        {
            await plane.DisposeAsync();
        }

        await _redis.DisposeAsync();
        _server.Dispose();
        _stop.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Slots)]
    public async Task The_older_dispatcher_feeds_our_scheduler_and_our_worker(int slots)
    {
        await StartWorkerAsync(slots);
        await StartSchedulerAsync();

        await _older.DispatchAsync(Tasks);

        await AssertAllRanInOrderAndEverythingIsGivenBack(_runner.Ran, slots);
        Assert.Equal(Tasks.Length, await Number("HLEN", "tracekit:results"));
        Assert.InRange(_runner.MostUnits, 1, Capacity);
        Assert.InRange(_runner.MostTasks, 1, slots > 0 ? slots : Capacity);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Slots)]
    public async Task The_older_scheduler_stands_between_our_dispatcher_and_our_worker(int slots)
    {
        await StartWorkerAsync(slots);
        _roles.Add(_older.ScheduleAsync(slots > 0, _stop.Token));

        await DispatchAsync();

        await AssertAllRanInOrderAndEverythingIsGivenBack(_runner.Ran, slots);
        Assert.Equal(Tasks.Length, await Number("HLEN", "tracekit:results"));
        Assert.Equal(Tasks.Length, await Number("HGET", "tracekit:dispatch:d", "succeeded"));
        Assert.InRange(_runner.MostUnits, 1, Capacity);
        Assert.InRange(_runner.MostTasks, 1, slots > 0 ? slots : Capacity);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Slots)]
    public async Task The_older_worker_runs_what_our_dispatcher_and_our_scheduler_send(int slots)
    {
        _roles.Add(_older.WorkAsync(Node, Capacity, slots, _stop.Token));
        await Until(async () => await Number("EXISTS", $"cap:{Node}") == 1);
        await StartSchedulerAsync();

        await DispatchAsync();

        await AssertAllRanInOrderAndEverythingIsGivenBack(_older.Ran, slots);
        var snapshot = await (await PlaneAsync("d")).SnapshotAsync(default);
        Assert.Equal((0L, 0L, (long)Tasks.Length), (snapshot.Succeeded, snapshot.Failed, snapshot.HandedOver));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_task_that_waits_at_a_plain_node_whose_place_ours_takes_is_counted_by_its_result_alone(bool pastTheScheduler)
    {
        await _redis.CallAsync(RespCommand.Of("MSET", $"cap:{Node}", "4", $"cap_total:{Node}", "4", $"run_count:{Node}", "0"));
        var plane = await PlaneAsync("d");
        await (pastTheScheduler ? plane.PushToAsync(Node, Tasks[0], default) : plane.PushAsync(Tasks[0], default));
        if (!pastTheScheduler)
        {
            await plane.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        }

        var before = await plane.SnapshotAsync(default);
        await StartWorkerAsync(0);
        await Until(async () => await Number("HLEN", "tracekit:results") == 1);

        var after = await plane.SnapshotAsync(default);
        Assert.Equal((0L, 1L), (before.Succeeded, before.HandedOver));
        Assert.Equal((1L, 0L), (after.Succeeded, after.HandedOver));
    }

    [Fact]
    public async Task A_plain_node_whose_slots_are_all_taken_is_full_however_much_capacity_it_has()
    {
        await _redis.CallAsync(RespCommand.Of("MSET", "cap:old", "9", "cap_total:old", "9", "run_count:old", "0"));
        await _redis.CallAsync(RespCommand.Of("RPUSH", "slots:available", "old", "old"));
        var scheduler = await PlaneAsync();
        await _older.DispatchAsync(Tasks.Select(t => t with { CpuUnits = 1 }).Take(5));

        await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        var full = await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);

        Assert.Equal(DispatchOutcome.Blocked, full.Outcome);
        Assert.Equal((2, 7), (await Number("LLEN", "q:old"), await Number("GET", "cap:old")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Slots)]
    public async Task A_task_that_the_older_dispatcher_sent_past_every_scheduler_gives_back_no_more_than_there_is(int slots)
    {
        await StartWorkerAsync(slots);

        await _redis.CallAsync(new RespCommand("RPUSH").Add($"q:{Node}").Add(Tasks[0].ToJson()));

        await Until(async () => await Number("HLEN", "tracekit:results") == 1);
        Assert.Equal((Capacity, 0, slots), (await Number("GET", $"cap:{Node}"), await Number("GET", $"run_count:{Node}"), await Number("LLEN", "slots:available")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Slots)]
    public async Task A_task_that_our_dispatcher_sends_past_the_scheduler_takes_capacity_and_gives_it_back(int slots)
    {
        await StartWorkerAsync(slots);
        var options = new DispatcherOptions { Nodes = [Node] };

        await new Dispatcher(options, await PlaneAsync("d"), new RunClock(TimeProvider.System), TimeProvider.System).RunAsync(Tasks, default);

        await AssertAllRanInOrderAndEverythingIsGivenBack(_runner.Ran, slots);
        Assert.Equal(Tasks.Length, await Number("HGET", "tracekit:dispatch:d", "succeeded"));
    }

    private async Task StartWorkerAsync(int slots)
    {
        var options = new WorkerOptions
        {
            NodeId = Node,
            Topology = [.. Enumerable.Range(0, Capacity).Select(i => new Linux.LogicalCpu(i, i, 0))],
            Parallel = slots,
        };
        var worker = new Worker(options, await PlaneAsync(), _runner, new RunClock(TimeProvider.System), Assert.Fail);
        _roles.Add(worker.RunAsync(_stop.Token, CancellationToken.None));
        await worker.Registered;
    }

    private async Task StartSchedulerAsync() =>
        _roles.Add(new CentralScheduler(await PlaneAsync(), HostWeigher.Parse("instances", "min"), Assert.Fail).RunAsync(_stop.Token));

    private async Task DispatchAsync()
    {
        var options = new DispatcherOptions { PulseSize = 6, PulseIntervalMs = 10 };
        await new Dispatcher(options, await PlaneAsync("d"), new RunClock(TimeProvider.System), TimeProvider.System).RunAsync(Tasks, default);
    }

    private async Task AssertAllRanInOrderAndEverythingIsGivenBack(ConcurrentQueue<TaskSpec> ran, int slots)
    {
        await Until(async () => ran.Count >= Tasks.Length && await Number("GET", $"run_count:{Node}") == 0);
        Assert.Equal(Tasks.Select(t => t.Seq), ran.Select(t => t.Seq));
        Assert.Equal((Capacity, Capacity), (await Number("GET", $"cap:{Node}"), await Number("GET", $"cap_total:{Node}")));
        Assert.Equal(slots, await Number("LLEN", "slots:available"));
        Assert.Equal((0, 0), (await Number("LLEN", "q:pending"), await Number("LLEN", $"q:{Node}")));
        Assert.Equal((0, 0), (await Number("LLEN", "tracekit:dead"), await Number("EXISTS", $"tracekit:on:{Node}")));
    }

    private async Task<RedisControlPlane> PlaneAsync(string? dispatch = null)
    {
        var plane = await RedisControlPlane.ConnectAsync(new RedisControlOptions(RedisServer.OptionsFor(_server.Url)) { DispatchId = dispatch }, default);
        _planes.Add(plane);
        return plane;
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_roles);
        _roles.Clear();
    }

    private async Task<long> Number(params string[] words)
    {
        var reply = await _redis.CallAsync(RespCommand.Of(words[0], words.AsSpan(1)));
        return reply.IsNull ? 0 : reply.AsInt64();
    }

    private static async Task Until(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 1500 && !await condition(); i++)
        {
            await Task.Delay(10);
        }

        Assert.True(await condition());
    }

    /// <summary>A fake: starts no program. Each task takes a moment, so that tasks overlap.</summary>
    private sealed class BriefRunner : ITaskRunner
    {
        private readonly Lock _lock = new();
        private int _units;
        private int _tasks;

        public ConcurrentQueue<TaskSpec> Ran { get; } = new();

        public int MostUnits { get; private set; }

        public int MostTasks { get; private set; }

        public async Task<Invocation> RunAsync(TaskSpec task, TaskPlacement placement, CancellationToken cancellation)
        {
            Ran.Enqueue(task);
            Count(task.CpuUnits, 1);
            await Task.Delay(5, cancellation);
            Count(-task.CpuUnits, -1);
            return new Invocation { Status = 0 };
        }

        public Task<Invocation> RefuseAsync(TaskSpec task, string node, string reason, CancellationToken cancellation) => throw new InvalidOperationException(reason);

        private void Count(int units, int tasks)
        {
            lock (_lock)
            {
                MostUnits = Math.Max(MostUnits, _units += units);
                MostTasks = Math.Max(MostTasks, _tasks += tasks);
            }
        }
    }
}
