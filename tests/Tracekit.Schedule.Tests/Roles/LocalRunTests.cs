using System.Collections.Concurrent;
using Tracekit.Model;

namespace Tracekit.Schedule.Tests.Roles;

public sealed class LocalRunTests
{
    private readonly JumpingTime _time = new();
    private readonly InProcessControlPlane _control = new();
    private readonly ConcurrentQueue<string> _reports = new();

    [Fact]
    public async Task A_run_ends_when_every_task_has_ended()
    {
        var runner = new FakeRunner(endAtOnce: true);
        var tasks = Enumerable.Range(0, 50).Select(i => Sample.Task(i, 1 + (i % 2))).ToArray();

        var result = await Run(runner, "a", "b").RunAsync(tasks, default, default).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal((50, 0, 0, 0, 50L, 0L), (result.Total, result.Pending, result.Dispatched, result.Running, result.Succeeded, result.Failed));
        Assert.Equal(50, runner.Ran.Select(t => t.Seq).Distinct().Count());
        Assert.Equal(50, runner.Ran.Select(t => t.TsEnqueue).Distinct().Count());
        Assert.Empty(_reports);
    }

    [Fact]
    public async Task A_task_that_fits_no_node_is_refused_before_anything_starts()
    {
        var runner = new FakeRunner();
        var tooLarge = Sample.Task(1, 4) with { Profile = "hevc1080p" };

        var error = await Assert.ThrowsAsync<UsageException>(() => Run(runner, "a").RunAsync([Sample.Task(0), tooLarge], default, default));

        Assert.StartsWith("hevc1080p needs 4 units but the largest node offers 2", error.Message, StringComparison.Ordinal);
        Assert.Empty(runner.Ran);
    }

    [Fact]
    public async Task Progress_shows_what_waits_and_what_runs()
    {
        var runner = new FakeRunner();
        var local = Run(runner, "a");
        var run = local.RunAsync([Sample.Task(0, 2), Sample.Task(1, 2), Sample.Task(2, 1)], default, default);
        await runner.NextStartedAsync();

        var progress = await local.ProgressAsync(default);

        Assert.Equal((3, 0, 1, 0L), (progress.Total, progress.Dispatched, progress.Running, progress.Succeeded));
        Assert.Equal([new RunningTask(0, "a.mp4", null, "a", 2, "0-1", 7, 1000)], progress.RunningTasks);
        runner.End(0);
        runner.End(1);
        runner.End(2);
        Assert.Equal(3, (await run.WaitAsync(TimeSpan.FromSeconds(30))).Succeeded);
    }

    [Fact]
    public async Task A_run_that_is_stopped_says_what_was_left()
    {
        using var stop = new CancellationTokenSource();
        var runner = new FakeRunner();
        var run = Run(runner, "a").RunAsync([Sample.Task(0, 2), Sample.Task(1, 2)], stop.Token, default);
        await runner.NextStartedAsync();

        await stop.CancelAsync();
        runner.End(0);
        var result = await run.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal((2, 1L, 0), (result.Total, result.Succeeded, result.Running));
    }

    [Fact]
    public async Task A_role_that_cannot_start_ends_the_run_with_its_error()
    {
        var run = Run(new FakeRunner(), "a", "a").RunAsync([Sample.Task(0)], default, default);

        await Assert.ThrowsAsync<UsageException>(() => run.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task A_head_larger_than_every_node_is_reported_once()
    {
        using var stop = new CancellationTokenSource();
        await _control.RegisterAsync(new NodeRegistration("a", 2, null, 2), default);
        await _control.PushAsync(Sample.Task(3, 4), default);
        var scheduler = new CentralScheduler(_control, HostWeigher.FirstFit, _reports.Enqueue).RunAsync(stop.Token);

        await _control.PushAsync(Sample.Task(4, 1), default);
        await stop.CancelAsync();
        await scheduler.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(
            ["task 3 (4 units) is larger than every node and blocks the queue: add a larger node or raise --allocation-ratio or --capacity-units"],
            _reports);
    }

    private LocalRun Run(FakeRunner runner, params string[] nodes)
    {
        var clock = new RunClock(_time);
        Worker[] workers =
        [
            .. nodes.Select(n => new Worker(
                new WorkerOptions { NodeId = n, Topology = [new(0, 0, 0), new(1, 1, 0)] }, _control, runner, clock, _reports.Enqueue)),
        ];
        return new LocalRun(
            _control,
            new Dispatcher(new DispatcherOptions(), _control, clock, _time),
            new CentralScheduler(_control, HostWeigher.FirstFit, _reports.Enqueue),
            workers);
    }
}
