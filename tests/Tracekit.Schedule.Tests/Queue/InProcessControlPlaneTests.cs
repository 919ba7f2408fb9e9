using Tracekit.Model;

namespace Tracekit.Schedule.Tests.Queue;

public sealed class InProcessControlPlaneTests
{
    private readonly InProcessControlPlane _control = new(maxPending: 5);

    [Fact]
    public async Task Tasks_are_dispatched_in_the_order_of_their_push()
    {
        await Register("a", 4);
        await Push(0, 1);
        await Push(1, 2);

        Assert.Equal("0→a 1→a Empty", await DispatchAll());
        Assert.Equal(0, (await Take("a")).Task.Seq);
        Assert.Equal(1, (await Take("a")).Task.Seq);
    }

    [Fact]
    public async Task Dispatch_blocks_behind_a_head_task_that_fits_nowhere()
    {
        await Register("a", 4);
        await Push(0, 2);
        await Push(1, 4);
        await Push(2, 1);

        Assert.Equal("0→a Blocked", await DispatchAll());
        await Complete(await Take("a"));
        Assert.Equal("1→a Blocked", await DispatchAll());
    }

    [Fact]
    public async Task A_head_larger_than_every_node_is_told_apart()
    {
        await Register("a", 4);
        await Push(0, 5);

        Assert.Equal("NeverFits", await DispatchAll());
        await Register("b", 8);
        Assert.Equal("0→b Empty", await DispatchAll());
    }

    [Fact]
    public async Task A_slot_is_taken_and_given_back()
    {
        await Register("a", 4, slots: 1);
        await Push(0, 1);
        await Push(1, 1);

        Assert.Equal("0→a Blocked", await DispatchAll());
        Assert.Equal(new HostState("a", 4, 3, 0, 1), await Host());
        await Complete(await Take("a"));
        Assert.Equal(new HostState("a", 4, 4, 1, 0), await Host());
        Assert.Equal("1→a Empty", await DispatchAll());
    }

    [Fact]
    public async Task A_completion_counts_once()
    {
        await Register("a", 2);
        await Push(0, 2);
        await DispatchAll();
        var task = await Take("a");

        Assert.True(await _control.CompleteAsync(task, TaskOutcome.Failed, null, default));
        Assert.False(await _control.CompleteAsync(task, TaskOutcome.Succeeded, null, default));

        var snapshot = await Snapshot();
        Assert.Equal((0L, 1L, 2L), (snapshot.Succeeded, snapshot.Failed, snapshot.Nodes[0].Host.CapacityFree));
    }

    [Fact]
    public async Task A_task_that_is_returned_stands_at_the_head_again()
    {
        await Register("a", 2);
        await Push(0, 2);
        await Push(1, 2);
        await DispatchAll();

        await _control.CompleteAsync(await Take("a"), TaskOutcome.Returned, null, default);

        Assert.Equal("0→a Blocked", await DispatchAll());
        Assert.Equal(0, (await Snapshot()).Failed);
    }

    [Fact]
    public async Task A_node_that_leaves_gives_back_what_it_has_not_taken_in_order()
    {
        await Register("a", 3);
        await Push(0, 1);
        await Push(1, 1);
        await Push(2, 1);
        await Push(3, 1);
        await DispatchAll();
        var taken = await Take("a");

        await _control.DeregisterAsync("a", default);
        await Register("b", 8);

        Assert.Equal("1→b 2→b 3→b Empty", await DispatchAll());
        Assert.True(await _control.CompleteAsync(taken, TaskOutcome.Succeeded, null, default));
        Assert.Equal(new HostState("b", 8, 5, null, 3), await Host());
    }

    [Fact]
    public async Task A_node_that_comes_back_is_not_given_what_its_past_life_held()
    {
        await Register("a", 2);
        await Push(0, 2);
        await DispatchAll();
        var taken = await Take("a");
        await _control.DeregisterAsync("a", default);
        await Register("a", 2);

        await Complete(taken);

        Assert.Equal(new HostState("a", 2, 2, null, 0), await Host());
    }

    [Fact]
    public async Task What_is_sent_past_the_scheduler_takes_capacity_too()
    {
        await Register("a", 2);
        await _control.PushToAsync("a", Sample.Task(0, 2), default);
        await _control.PushToAsync("a", Sample.Task(1, 2), default);

        Assert.Equal(new HostState("a", 2, -2, null, 2), await Host());
        await Complete(await Take("a"));
        await Complete(await Take("a"));
        Assert.Equal(new HostState("a", 2, 2, null, 0), await Host());
    }

    [Fact]
    public async Task The_pending_tasks_have_a_limit()
    {
        await Task.WhenAll(Enumerable.Range(0, 5).Select(i => Push(i, 1)));

        var error = await Assert.ThrowsAsync<TracekitException>(() => Push(5, 1));

        Assert.Equal("5 tasks are pending, which is the limit: wait until there is room", error.Message);
    }

    [Fact]
    public async Task A_wait_for_room_ends_when_the_queue_is_short_enough()
    {
        await Register("a", 4);
        await Push(0, 1);
        await Push(1, 1);
        var room = _control.WaitForPendingBelowAsync(1, default).AsTask();

        await _control.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        Assert.False(room.IsCompleted);
        await _control.TryDispatchHeadAsync(HostWeigher.FirstFit, default);

        Assert.Equal(0, await room.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task A_wait_for_a_change_that_has_been_ends_at_once()
    {
        var before = (await Snapshot()).Version;
        var waiting = _control.WaitForChangeAsync(before, default).AsTask();
        Assert.False(waiting.IsCompleted);

        await Push(0, 1);

        Assert.NotEqual(before, await waiting.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.NotEqual(before, Completed.Now(_control.WaitForChangeAsync(before, default)));
    }

    [Fact]
    public async Task Waits_end_when_they_are_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        await Register("a", 1);
        await Push(0, 1);
        var take = _control.TakeAsync("a", cancel.Token).AsTask();
        var room = _control.WaitForPendingBelowAsync(1, cancel.Token).AsTask();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => take);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => room);
    }

    [Fact]
    public async Task Two_nodes_of_one_name_are_refused()
    {
        await Register("a", 1);

        Assert.Contains("NODE_ID of its own", (await Assert.ThrowsAsync<UsageException>(() => Register("a", 1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_is_not_there_is_named()
    {
        await Assert.ThrowsAsync<TracekitException>(() => _control.PushToAsync("x", Sample.Task(), default).AsTask());
        var error = await Assert.ThrowsAsync<TracekitException>(() => _control.TakeAsync("x", default).AsTask());
        Assert.Equal("node x is not registered: start its worker first", error.Message);
    }

    [Fact]
    public void Dispatch_take_and_completion_allocate_nothing_in_the_steady_state()
    {
        var task = Sample.Task(0, 2);
        Completed.Now(_control.RegisterAsync(new NodeRegistration("a", 2, 1, 2), default));
        Cycle(task, 100);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Cycle(task, 1000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public async Task Many_hands_at_once_lose_nothing_and_give_nothing_twice()
    {
        var control = new InProcessControlPlane(1000);
        await control.RegisterAsync(new NodeRegistration("a", 3, null, 3), default);
        await control.RegisterAsync(new NodeRegistration("b", 2, 1, 2), default);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var scheduler = Task.Run(() => new CentralScheduler(control, HostWeigher.FirstFit, _ => { }).RunAsync(end.Token));
        var workers = new[] { "a", "b", "a" }.Select(node => Task.Run(() => CompleteUntilCancelled(control, node, end.Token))).ToArray();

        await Parallel.ForAsync(0, 1000, async (i, _) => await control.PushAsync(Sample.Task(i, 1 + (i % 2)), end.Token));
        await WaitForDone(control, 1000, end.Token);
        await end.CancelAsync();
        await Task.WhenAll([scheduler, .. workers]);

        var snapshot = await control.SnapshotAsync(default);
        Assert.Equal([new HostState("a", 3, 3, null, 0), new HostState("b", 2, 2, 1, 0)], snapshot.Nodes.Select(n => n.Host));
        Assert.Equal((1000L, 0), (snapshot.Succeeded, snapshot.Pending));
    }

    private static async Task CompleteUntilCancelled(InProcessControlPlane control, string node, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                await control.CompleteAsync(await control.TakeAsync(node, end), TaskOutcome.Succeeded, null, default);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static async Task WaitForDone(InProcessControlPlane control, int count, CancellationToken cancellation)
    {
        var snapshot = await control.SnapshotAsync(cancellation);
        while (snapshot.Succeeded < count)
        {
            await control.WaitForChangeAsync(snapshot.Version, cancellation);
            snapshot = await control.SnapshotAsync(cancellation);
        }
    }

    private void Cycle(TaskSpec task, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Completed.Now(_control.PushAsync(task, default));
            Completed.Now(_control.TryDispatchHeadAsync(HostWeigher.FirstFit, default));
            Completed.Now(_control.CompleteAsync(Completed.Now(_control.TakeAsync("a", default)), TaskOutcome.Succeeded, null, default));
        }
    }

    private Task Register(string node, int units, int? slots = null) => _control.RegisterAsync(new NodeRegistration(node, units, slots, units), default).AsTask();

    private async Task Push(int seq, int units) => await _control.PushAsync(Sample.Task(seq, units), default);

    private Task<DispatchedTask> Take(string node) => _control.TakeAsync(node, default).AsTask();

    private async Task Complete(DispatchedTask task) => Assert.True(await _control.CompleteAsync(task, TaskOutcome.Succeeded, null, default));

    private Task<ControlPlaneSnapshot> Snapshot() => _control.SnapshotAsync(default).AsTask();

    private async Task<HostState> Host() => (await Snapshot()).Nodes.Single().Host;

    private async Task<string> DispatchAll()
    {
        List<string> steps = [];
        DispatchResult result;
        do
        {
            result = await _control.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
            steps.Add(result.Outcome == DispatchOutcome.Dispatched ? $"{result.Task!.Seq}→{result.Node}" : result.Outcome.ToString());
        }
        while (result.Outcome == DispatchOutcome.Dispatched);
        return string.Join(' ', steps);
    }
}
