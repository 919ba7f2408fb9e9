using Tracekit.Model;

namespace Tracekit.Schedule.Tests.Roles;

public sealed class DispatcherTests
{
    private readonly JumpingTime _time = new();
    private readonly InProcessControlPlane _control = new();

    [Fact]
    public async Task Pulses_come_on_a_fixed_grid_and_every_task_has_a_later_time()
    {
        await Run(new DispatcherOptions { PulseSize = 3, PulseIntervalMs = 100 }, Tasks(7));

        Assert.Equal("0@0 1@1 2@2 3@100 4@101 5@102 6@200", await Pushed());
    }

    [Fact]
    public async Task Pulses_without_an_interval_still_have_strictly_increasing_times()
    {
        await Run(new DispatcherOptions { PulseSize = 2, PulseIntervalMs = 0 }, Tasks(4));

        Assert.Equal("0@0 1@1 2@2 3@3", await Pushed());
    }

    [Fact]
    public async Task Fifo_keeps_the_pending_queue_below_its_limit()
    {
        await _control.RegisterAsync(new NodeRegistration("a", 100, null, 100), default);
        var run = Run(new DispatcherOptions { PendingMode = PendingMode.Fifo, PendingMax = 2, BatchSize = 5, DribbleIntervalS = 0.1 }, Tasks(5));

        Assert.False(run.IsCompleted);
        Assert.Equal(2, await PendingNow());
        await _control.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        await WaitForPending(2, afterPushes: 3);
        await _control.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        await _control.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        await run.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(2, await PendingNow());
    }

    [Fact]
    public async Task Fifo_pushes_a_batch_every_dribble_interval()
    {
        await Run(new DispatcherOptions { PendingMode = PendingMode.Fifo, PendingMax = 10, BatchSize = 2, DribbleIntervalS = 0.5 }, Tasks(5));

        Assert.Equal("0@0 1@1 2@501 3@502 4@1002", await Pushed());
    }

    [Fact]
    public async Task A_duration_policy_pushes_the_longest_input_first()
    {
        await Run(new DispatcherOptions { Policy = DispatchPolicy.DurationGreedy }, [Sample.Task(0, durationS: 1), Sample.Task(1), Sample.Task(2, durationS: 5)]);

        Assert.Equal("2@0 0@1 1@2", await Pushed());
    }

    [Fact]
    public async Task With_nodes_tasks_go_to_them_in_turn_past_the_scheduler()
    {
        await RegisterTwo();

        await Run(new DispatcherOptions { Nodes = ["b", "a"] }, Tasks(3));

        Assert.Equal((1, 2), await QueueLengths());
        Assert.Equal(0, await PendingNow());
    }

    [Fact]
    public async Task Duration_online_waits_while_every_backlog_is_beyond_its_limit()
    {
        await RegisterTwo();
        var options = new DispatcherOptions { Nodes = ["a", "b"], Policy = DispatchPolicy.DurationOnline, BacklogLimit = 0 };
        var run = Run(options, [Sample.Task(0, durationS: 9), Sample.Task(1, durationS: 5), Sample.Task(2, durationS: 1)]);

        Assert.Equal((1, 1), await QueueLengths());
        Assert.False(run.IsCompleted);
        Assert.Equal(1, (await _control.TakeAsync("b", default)).Task.Seq);
        await run.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(2, (await _control.TakeAsync("b", default)).Task.Seq);
    }

    [Fact]
    public async Task An_input_is_probed_once_and_a_corrupt_one_has_no_duration()
    {
        var probe = new FakeProbe();

        var tasks = await InputDurations.ProbeAsync([Sample.Task(0), Sample.Task(1), Sample.Task(2) with { Input = "bad.mp4" }], probe, default);

        Assert.Equal([2.5, 2.5, null], tasks.Select(t => t.DurationS));
        Assert.Equal(["inputs/a.mp4", "bad.mp4"], probe.Probed);
    }

    public static TheoryData<string, DispatcherOptions> BadOptions => new()
    {
        { "--pulse-size 0: must be 1 to 1000000", new DispatcherOptions { PulseSize = 0 } },
        { "--pulse-interval -1: must be 0 to 3600000", new DispatcherOptions { PulseIntervalMs = -1 } },
        { "--pending-max 0: must be 1 to 100000", new DispatcherOptions { PendingMax = 0 } },
        { "--batch-size 0: must be 1 to 1000000", new DispatcherOptions { BatchSize = 0 } },
        { "--dribble-interval NaN: must be 0 to 3600", new DispatcherOptions { DribbleIntervalS = double.NaN } },
        { "--backlog-limit -1: must be 0 to 1000000", new DispatcherOptions { BacklogLimit = -1 } },
        { "--nodes '../x': use 1 to 64 letters, digits, '.', '_' or '-', starting with a letter or digit", new DispatcherOptions { Nodes = ["../x"] } },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void Flags_out_of_range_are_refused(string message, DispatcherOptions options) =>
        Assert.Equal(message, Assert.Throws<UsageException>(options.Check).Message);

    [Fact]
    public void An_unknown_pending_mode_is_refused() =>
        Assert.Equal("--pending-mode 'burst': use pulse or fifo", Assert.Throws<UsageException>(() => DispatcherOptions.ParseMode("burst")).Message);

    private static TaskSpec[] Tasks(int count) => [.. Enumerable.Range(0, count).Select(i => Sample.Task(i))];

    private Task Run(DispatcherOptions options, IReadOnlyList<TaskSpec> tasks) =>
        new Dispatcher(options, _control, new RunClock(_time), _time).RunAsync(tasks, default);

    private async Task RegisterTwo()
    {
        await _control.RegisterAsync(new NodeRegistration("a", 1, null, 1), default);
        await _control.RegisterAsync(new NodeRegistration("b", 1, null, 1), default);
    }

    private async Task<string> Pushed()
    {
        await _control.RegisterAsync(new NodeRegistration("drain", 1000, null, 1), default);
        List<string> pushed = [];
        while ((await _control.TryDispatchHeadAsync(HostWeigher.FirstFit, default)).Task is { } task)
        {
            pushed.Add($"{task.Seq}@{task.TsEnqueue - JumpingTime.StartMs}");
        }

        return string.Join(' ', pushed);
    }

    private async Task<int> PendingNow() => (await _control.SnapshotAsync(default)).Pending;

    private async Task WaitForPending(int pending, int afterPushes)
    {
        var snapshot = await _control.SnapshotAsync(default);
        while (snapshot.Pending + snapshot.Nodes[0].Host.RunCount < afterPushes)
        {
            await _control.WaitForChangeAsync(snapshot.Version, default);
            snapshot = await _control.SnapshotAsync(default);
        }

        Assert.Equal(pending, snapshot.Pending);
    }

    private async Task<(int A, int B)> QueueLengths()
    {
        var nodes = (await _control.SnapshotAsync(default)).Nodes;
        return (nodes[0].QueueLength, nodes[1].QueueLength);
    }

    private sealed class FakeProbe : IMediaProbe
    {
        public List<string> Probed { get; } = [];

        public ValueTask<TimeSpan?> DurationAsync(string path, CancellationToken cancellation)
        {
            Probed.Add(path);
            return ValueTask.FromResult<TimeSpan?>(path == "bad.mp4" ? null : TimeSpan.FromSeconds(2.5));
        }
    }
}
