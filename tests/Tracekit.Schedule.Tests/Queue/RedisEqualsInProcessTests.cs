using Tracekit.Redis;
using Tracekit.Redis.Tests;

namespace Tracekit.Schedule.Tests.Queue;

/// <summary>
/// Many heads in one round trip, decided on what the scheduler remembers: the result has to be that of one by one under a lock. Random lines, nodes,
/// completions in between (which make what it remembers outdated), nodes that come and go; both planes take the same steps.
/// </summary>
#pragma warning disable CA1001 // xunit disposes by IAsyncLifetime
public sealed class RedisEqualsInProcessTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private const int Steps = 400;

    private readonly RedisServer _server = new();
    private RedisConnection _redis = null!;
    private RedisControlPlane _plane = null!;

    public async Task InitializeAsync()
    {
        _redis = await _server.ConnectAsync();
        _plane = await RedisControlPlane.ConnectAsync(new RedisControlOptions(RedisServer.OptionsFor(_server.Url)) { DispatchId = "d" }, default);
    }

    public async Task DisposeAsync()
    {
        await _plane.DisposeAsync();
        await _redis.DisposeAsync();
        _server.Dispose();
    }

    [Theory]
    [InlineData(1, "", "min")]
    [InlineData(2, "instances", "min")]
    [InlineData(3, "instances", "max")]
    [InlineData(4, "vcpu", "min")]
    [InlineData(5, "vcpu", "max")]
    public async Task Every_task_goes_where_it_would_have_gone_one_by_one(int seed, string metric, string order)
    {
        var random = new Random(seed);
        var weigher = HostWeigher.Parse(metric, order);
        var expected = new InProcessControlPlane();
        var nodes = new List<string>();
        var pushed = 0;
        for (var step = 0; step < Steps; step++)
        {
            switch (random.Next(8))
            {
                case 0 when nodes.Count < 12:
                    nodes.Add($"n{step}");
                    var node = new NodeRegistration(nodes[^1], random.Next(1, 30), random.Next(3) == 0 ? random.Next(1, 6) : null, 4);
                    await _plane.RegisterAsync(node, default);
                    await expected.RegisterAsync(node, default);
                    break;
                case 1 when (await expected.SnapshotAsync(default)).Nodes.Where(n => n.Host.RunCount == 0).Select(n => n.Host.NodeId).FirstOrDefault() is { } idle:
                    nodes.Remove(idle);
                    await _plane.DeregisterAsync(idle, default);
                    await expected.DeregisterAsync(idle, default);
                    break;
                case <= 3:
                    for (var i = random.Next(60); i > 0; i--)
                    {
                        var task = Sample.Task(pushed++, random.Next(1, 6));
                        await _plane.PushAsync(task, default);
                        await expected.PushAsync(task, default);
                    }

                    break;
                case <= 5:
                    for (var i = random.Next(8); i > 0; i--)
                    {
                        await CompleteOneAsync(expected, random);
                    }

                    break;
                default:
                    await DispatchAsync(expected, weigher);
                    break;
            }
        }

        Assert.True(pushed > 100);
    }

    private async Task DispatchAsync(InProcessControlPlane expected, HostWeigher weigher)
    {
        var before = await PendingAsync();
        var outcome = (await _plane.TryDispatchHeadAsync(weigher, default)).Outcome;
        var dispatched = before - await PendingAsync();
        for (var i = 0; i < dispatched; i++)
        {
            Assert.Equal(DispatchOutcome.Dispatched, (await expected.TryDispatchHeadAsync(weigher, default)).Outcome);
        }

        Assert.Equal(outcome == DispatchOutcome.Dispatched, dispatched > 0);
        if (outcome != DispatchOutcome.Dispatched)
        {
            Assert.Equal((await expected.TryDispatchHeadAsync(weigher, default)).Outcome, outcome);
        }

        Assert.Equal(Accounts(await expected.SnapshotAsync(default)), Accounts(await _plane.SnapshotAsync(default)));
    }

    // Takes the next task of a node that has one, and ends it: the same task in both.
    private async Task CompleteOneAsync(InProcessControlPlane expected, Random random)
    {
        var busy = (await expected.SnapshotAsync(default)).Nodes.Where(n => n.QueueLength > 0).ToArray();
        if (busy.Length == 0)
        {
            return;
        }

        var node = busy[random.Next(busy.Length)].Host.NodeId;
        var (mine, other) = (await _plane.TakeAsync(node, default), await expected.TakeAsync(node, default));
        Assert.Equal(other.Task.Seq, mine.Task.Seq);
        Assert.True(await _plane.CompleteAsync(mine, TaskOutcome.Succeeded, null, default));
        Assert.True(await expected.CompleteAsync(other, TaskOutcome.Succeeded, null, default));
    }

    private async Task<int> PendingAsync() => (await _redis.CallAsync(RespCommand.Of("LLEN", ControlKeys.Pending))).AsInt32();

    private static IEnumerable<string> Accounts(ControlPlaneSnapshot snapshot) =>
        snapshot.Nodes.Select(n => $"{n.Host.NodeId}: {n.Host.CapacityFree} of {n.Host.CapacityTotal}, runs {n.Host.RunCount}, waiting {n.QueueLength}, slots {n.Host.SlotsFree}");
}
