using System.Collections.Concurrent;
using Tracekit.Model;

namespace Tracekit.Schedule.Tests.Roles;

public sealed class WorkerTests : IDisposable
{
    private static readonly WorkerOptions TwoCores = new() { NodeId = "a", Topology = [new(0, 0, 0), new(1, 1, 0)] };

    private readonly InProcessControlPlane _control = new();
    private readonly FakeRunner _runner = new();
    private readonly ConcurrentQueue<string> _reports = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();

    public void Dispose()
    {
        _stop.Dispose();
        _abort.Dispose();
    }

    [Fact]
    public async Task Tasks_run_side_by_side_on_cores_of_their_own()
    {
        var (worker, run) = Start(TwoCores);
        await PushTo(Sample.Task(0), Sample.Task(1));

        var first = await _runner.NextStartedAsync();
        var second = await _runner.NextStartedAsync();

        Assert.Equal(("0", "1"), (first.Cpuset?.ToString(), second.Cpuset?.ToString()));
        Assert.False(first.Overcommitted || second.Overcommitted);
        Assert.Equal(
            [new RunningTask(0, "a.mp4", null, "a", 1, "0", 7, 1000), new RunningTask(1, "a.mp4", null, "a", 1, "1", 7, 1001)],
            worker.Running());
        await EndAndStop(run, 0, 1);
        Assert.Empty(worker.Running());
    }

    [Fact]
    public async Task A_task_that_was_sent_past_the_scheduler_waits_until_the_node_has_room()
    {
        var (_, run) = Start(TwoCores);
        await PushTo(Sample.Task(0, 1), Sample.Task(1, 2), Sample.Task(2, 1));
        await _runner.NextStartedAsync();
        Assert.Equal(0, _runner.StartedUnseen);

        _runner.End(0);
        Assert.Equal(1, (await _runner.NextStartedAsync()).Task.Seq);
        Assert.Equal(0, _runner.StartedUnseen);

        await EndAndStop(run, 1);
    }

    [Fact]
    public async Task Parallel_limits_the_tasks_at_once()
    {
        var (worker, run) = Start(TwoCores with { Parallel = 1 });
        await PushTo(Sample.Task(0), Sample.Task(1));
        await _runner.NextStartedAsync();
        Assert.Single(worker.Running());

        _runner.End(0);
        Assert.Equal(1, (await _runner.NextStartedAsync()).Task.Seq);

        await EndAndStop(run, 1);
    }

    [Fact]
    public async Task With_overcommit_both_tasks_that_share_a_core_say_so()
    {
        var (_, run) = Start(TwoCores with { AllocationRatio = 1.5 });
        await PushTo(Sample.Task(0, 2), Sample.Task(1, 1));

        var first = await _runner.NextStartedAsync();
        var second = await _runner.NextStartedAsync();

        Assert.Equal(("0-1", "0"), (first.Cpuset?.ToString(), second.Cpuset?.ToString()));
        Assert.True(first.Overcommitted && second.Overcommitted);
        await EndAndStop(run, 0, 1);
    }

    [Fact]
    public async Task Shared_binding_gives_weight_by_units_and_no_cores()
    {
        var (_, run) = Start(TwoCores with { CpuBinding = CpuBinding.Shared, CpuWeightPerVcpu = 150 });
        await PushTo(Sample.Task(0, 2));

        var placement = await _runner.NextStartedAsync();

        Assert.Equal((null, 300), (placement.Cpuset, placement.Share.Weight));
        await EndAndStop(run, 0);
    }

    [Fact]
    public async Task A_task_keeps_its_own_cpuset_and_weight_in_either_binding()
    {
        var (_, run) = Start(TwoCores with { CpuBinding = CpuBinding.Shared });
        await PushTo(Sample.Task(0) with { Cpuset = "1", CpuWeight = 7 });

        var placement = await _runner.NextStartedAsync();

        Assert.Equal(("1", 7), (placement.Cpuset?.ToString(), placement.Share.Weight));
        await EndAndStop(run, 0);
    }

    [Fact]
    public async Task Whatever_becomes_of_a_task_it_gives_its_capacity_back()
    {
        var (_, run) = Start(TwoCores);
        await PushTo(Sample.Task(0), Sample.Task(1), Sample.Task(2));

        _runner.End(0, status: 1);
        _runner.Throw(1, new TracekitException("no ffmpeg"));
        _runner.End(2);
        var snapshot = await WaitForDone(3);

        Assert.Equal((1L, 2L), (snapshot.Succeeded, snapshot.Failed));
        Assert.Equal(new HostState("a", 2, 2, null, 0), snapshot.Nodes[0].Host);
        Assert.Equal(["task 1 (inputs/a.mp4) on a: no ffmpeg"], _reports);
        await EndAndStop(run);
    }

    [Fact]
    public async Task A_task_that_cannot_be_trusted_is_refused_recorded_and_counted()
    {
        var (_, run) = Start(TwoCores);
        await PushTo(Sample.Task(0) with { Crf = 99 }, Sample.Task(1, units: 4), Sample.Task(2) with { Cpuset = "5" });

        var snapshot = await WaitForDone(3);

        Assert.Equal(3, snapshot.Failed);
        Assert.Empty(_runner.Ran);
        Assert.Equal(
            [(0, "crf 99 is outside 0 to 51"), (1, "needs 4 units but node a offers 2"), (2, "cpuset 5: this node has no CPU 5, tasks may use 0-1")],
            _runner.Refused);
        Assert.StartsWith("task 0 (inputs/a.mp4) refused on a: crf 99", _reports.First(), StringComparison.Ordinal);
        await EndAndStop(run);
    }

    [Fact]
    public async Task Told_to_stop_it_lets_running_tasks_end_and_gives_back_the_others()
    {
        var (_, run) = Start(TwoCores);
        await PushTo(Sample.Task(0, 2), Sample.Task(1, 1), Sample.Task(2, 1));
        await _runner.NextStartedAsync();

        await _stop.CancelAsync();
        _runner.End(0);
        await run.WaitAsync(TimeSpan.FromSeconds(30));

        var snapshot = await _control.SnapshotAsync(default);
        Assert.Equal((1L, 0L, 2, 0), (snapshot.Succeeded, snapshot.Failed, snapshot.Pending, snapshot.Nodes.Count));
    }

    [Fact]
    public async Task Told_to_abort_it_ends_running_tasks_too()
    {
        var (_, run) = Start(TwoCores);
        await PushTo(Sample.Task(0));
        await _runner.NextStartedAsync();

        await _abort.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(1, (await _control.SnapshotAsync(default)).Failed);
    }

    [Fact]
    public async Task Told_to_abort_it_gives_back_a_task_whose_program_did_not_start_yet()
    {
        _runner.HoldBeforeStart = true;
        var (_, run) = Start(TwoCores);
        await PushTo(Sample.Task(0));
        await _runner.NextHeldAsync();

        await _abort.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(30));

        var snapshot = await _control.SnapshotAsync(default);
        Assert.Equal((0L, 1), (snapshot.Failed, snapshot.Pending));
        Assert.Empty(_reports);
    }

    [Theory]
    [InlineData(-1, 100, "--parallel -1: must be 1 to 65536, or 0 for as many as the capacity holds")]
    [InlineData(0, 0, "--cpuweight-per-vcpu 0: must be 1 to 10000")]
    public void Flags_out_of_range_are_refused(int parallel, int weight, string message) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => (TwoCores with { Parallel = parallel, CpuWeightPerVcpu = weight }).ToRegistration()).Message);

    private (Worker Worker, Task Run) Start(WorkerOptions options)
    {
        var worker = new Worker(options, _control, _runner, new RunClock(new JumpingTime()), _reports.Enqueue);
        return (worker, worker.RunAsync(_stop.Token, _abort.Token));
    }

    private async Task PushTo(params TaskSpec[] tasks)
    {
        foreach (var task in tasks)
        {
            await _control.PushToAsync("a", task, default);
        }
    }

    private async Task<ControlPlaneSnapshot> WaitForDone(int count)
    {
        var snapshot = await _control.SnapshotAsync(default);
        while (snapshot.Succeeded + snapshot.Failed < count)
        {
            await _control.WaitForChangeAsync(snapshot.Version, default).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            snapshot = await _control.SnapshotAsync(default);
        }

        return snapshot;
    }

    // Ends these tasks and stops the worker, with whatever else runs.
    private async Task EndAndStop(Task run, params long[] ends)
    {
        foreach (var seq in ends)
        {
            _runner.End(seq);
        }

        await _stop.CancelAsync();
        await _abort.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
