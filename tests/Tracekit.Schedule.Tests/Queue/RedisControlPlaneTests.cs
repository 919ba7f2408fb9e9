using System.Collections.Concurrent;
using System.Globalization;
using Tracekit.Model;
using Tracekit.Redis;
using Tracekit.Redis.Tests;

namespace Tracekit.Schedule.Tests.Queue;

#pragma warning disable CA1001 // xunit disposes by IAsyncLifetime
public sealed class RedisControlPlaneTests : IAsyncLifetime
#pragma warning restore CA1001
{
    private readonly RedisServer _server = new();
    private readonly List<RedisControlPlane> _planes = [];
    private readonly ConcurrentQueue<string> _reports = new();
    private RedisConnection _redis = null!;

    public async Task InitializeAsync() => _redis = await _server.ConnectAsync();

    public async Task DisposeAsync()
    {
        foreach (var plane in _planes)
        {
            await plane.DisposeAsync();
        }

        await _redis.DisposeAsync();
        _server.Dispose();
    }

    [Fact]
    public async Task A_task_goes_from_dispatcher_over_scheduler_to_worker_and_its_result_is_accepted_once()
    {
        var (dispatcher, scheduler, worker) = (await Plane("d"), await Plane(), await Plane());
        await worker.RegisterAsync(Node("a", 2), default);
        await dispatcher.PushAsync(Task(units: 2), default);

        var dispatched = await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        var taken = await worker.TakeAsync("a", default);
        var whileRunning = (await Text("GET", "cap:a"), await Text("GET", "run_count:a"));
        var accepted = await worker.CompleteAsync(taken, TaskOutcome.Succeeded, null, default);
        var again = await worker.CompleteAsync(taken, TaskOutcome.Succeeded, null, default);

        Assert.Equal((DispatchOutcome.Dispatched, "a"), (dispatched.Outcome, dispatched.Node));
        Assert.Equal(("0", "1"), whileRunning);
        Assert.Equal((true, false), (accepted, again));
        Assert.Equal(("2", "0"), (await Text("GET", "cap:a"), await Text("GET", "run_count:a")));
        Assert.Equal("1", await Text("HLEN", "tracekit:results"));
        Assert.Equal(1, (await dispatcher.SnapshotAsync(default)).Succeeded);
    }

    [Fact]
    public async Task The_line_is_strict_and_many_heads_go_at_once()
    {
        var (dispatcher, scheduler, worker) = (await Plane("d"), await Plane(), await Plane());
        await worker.RegisterAsync(Node("a", 4), default);
        await worker.RegisterAsync(Node("b", 4), default);
        foreach (var units in (int[])[2, 2, 3, 4, 1])
        {
            await dispatcher.PushAsync(Task(units), default);
        }

        var first = await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        var second = await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);

        Assert.Equal(DispatchOutcome.Dispatched, first.Outcome);
        Assert.Equal((DispatchOutcome.Blocked, 4), (second.Outcome, second.Task!.CpuUnits));
        Assert.Equal(("2", "1", "2"), (await Text("LLEN", "q:a"), await Text("LLEN", "q:b"), await Text("LLEN", "q:pending")));
    }

    [Fact]
    public async Task The_oldest_result_makes_room_and_a_dispatch_is_kept_while_it_changes()
    {
        const int Kept = 100_000;
        var (dispatcher, scheduler, worker) = (await Plane("d"), await Plane(), await Plane());
        await worker.RegisterAsync(Node("a", 1), default);
        await _redis.CallAsync(RespCommand.Of(
            "EVAL",
            $"for i = 1, {Kept} do redis.call('HSET', 'tracekit:results', 'old-' .. i, '{{}}') redis.call('RPUSH', 'tracekit:result_order', 'old-' .. i) end",
            "0"));
        await dispatcher.PushAsync(Task(1), default);
        var keptAfterPush = await Text("TTL", "tracekit:dispatch:d");
        await _redis.CallAsync(RespCommand.Of("PERSIST", "tracekit:dispatch:d"));
        await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);

        await worker.CompleteAsync(await worker.TakeAsync("a", default), TaskOutcome.Succeeded, null, default);

        Assert.Equal(($"{Kept}", $"{Kept}"), (await Text("HLEN", "tracekit:results"), await Text("LLEN", "tracekit:result_order")));
        Assert.Equal(
            ("0", "1", "1"),
            (await Text("HEXISTS", "tracekit:results", "old-1"), await Text("HEXISTS", "tracekit:results", "old-2"), await Text("HEXISTS", "tracekit:results", "d-0")));
        Assert.All([keptAfterPush, await Text("TTL", "tracekit:dispatch:d")], s => Assert.InRange(int.Parse(s, CultureInfo.InvariantCulture), 2_591_000, 2_592_000));
    }

    [Fact]
    public async Task A_result_that_is_sent_twice_is_found_done()
    {
        var (dispatcher, scheduler, worker) = (await Plane("d"), await Plane(), await Plane());
        await worker.RegisterAsync(Node("a", 1), default);
        await dispatcher.PushAsync(Task(1), default);
        await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        await worker.CompleteAsync(await worker.TakeAsync("a", default), TaskOutcome.Succeeded, null, default);
        var result = await Text("HGET", "tracekit:results", "d-0");

        var again = await _redis.CallAsync(ControlScripts.Complete.Command(0).Add("a").Add("d-0").Add(1L).Add("succeeded").Add(result).Add(3L));

        Assert.Equal("again", again.AsText());
        Assert.Equal("1", await Text("HGET", "tracekit:counts", "succeeded"));
    }

    [Fact]
    public async Task A_plain_node_that_is_gone_is_no_longer_known_as_one_with_slots()
    {
        await _redis.CallAsync(RespCommand.Of("SADD", "tracekit:plain_slots", "here", "gone"));
        await _redis.CallAsync(RespCommand.Of("SET", "cap:here", "1"));
        await _redis.CallAsync(RespCommand.Of("RPUSH", "slots:available", "here"));
        var scheduler = await Plane(leaseMs: 500);

        await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);

        Assert.Equal(("1", "1"), (await Text("SCARD", "tracekit:plain_slots"), await Text("SISMEMBER", "tracekit:plain_slots", "here")));
    }

    [Fact]
    public async Task A_state_that_differs_midway_stops_the_dispatch_there_and_the_rest_goes_next_time()
    {
        var (dispatcher, scheduler, worker) = (await Plane("d"), await Plane(), await Plane());
        await worker.RegisterAsync(Node("a", 3) with { Slots = 3 }, default);
        await worker.RegisterAsync(Node("b", 3), default);
        await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        for (var i = 0; i < 5; i++)
        {
            await dispatcher.PushAsync(Task(1) with { Seq = i }, default);
        }

        // Decided on: 0 and 1 to a, 2 to b, 3 and 4 to a. Meanwhile the older tool, which tells nobody, takes a slot of a.
        var command = ControlScripts.Dispatch.Command(0).Add(await Text("GET", "tracekit:scheduler")).Add(await Text("GET", "tracekit:version"))
            .Add(16L).Add(0L);
        for (var i = 0; i < 5; i++)
        {
            var head = await Text("LINDEX", "q:pending", $"{i}");
            command.Add(head).Add("").Add($"d-{i}").Add(i == 2 ? "b" : "a").Add(1L).Add(i == 2 ? 0L : 1L).Add(1L).Add("d");
        }

        await _redis.CallAsync(RespCommand.Of("LREM", "slots:available", "1", "a"));
        var reply = await _redis.CallAsync(command);

        Assert.Equal(("differs", 3), (reply[0].AsText(), reply[1].AsInt32()));
        Assert.Equal(("1", "2"), (await Text("GET", "cap:a"), await Text("GET", "cap:b")));
        Assert.Equal(("2", "1", "0"), (await Text("GET", "run_count:a"), await Text("GET", "run_count:b"), await Text("LLEN", "slots:available")));
        Assert.Equal(("2", "1"), (await Text("SCARD", "tracekit:on:a"), await Text("SCARD", "tracekit:on:b")));
        Assert.Equal([[0, 1], [2], [3, 4]], (long?[][])[await Seqs("q:a"), await Seqs("q:b"), await Seqs()]);
        Assert.Equal(("dispatched", "0", "0"), (await Text("HGET", "tracekit:task:d-2", "state"), await Text("EXISTS", "tracekit:task:d-3"), await Text("EXISTS", "tracekit:task:d-4")));

        // The same decision again is refused as a whole: its heads are not those of the line any more.
        Assert.Equal(("differs", 0), ((await _redis.CallAsync(command))[0].AsText(), (await _redis.CallAsync(command))[1].AsInt32()));

        // The scheduler knows nothing of what was carried out past it: it finds out.
        await _redis.CallAsync(RespCommand.Of("RPUSH", "slots:available", "a"));
        while ((await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default)).Outcome == DispatchOutcome.Dispatched)
        {
        }

        Assert.Equal([[0, 1, 3], [2, 4], []], (long?[][])[await Seqs("q:a"), await Seqs("q:b"), await Seqs()]);
        Assert.Equal(("0", "1", "0"), (await Text("GET", "cap:a"), await Text("GET", "cap:b"), await Text("LLEN", "slots:available")));
    }

    [Fact]
    public async Task A_task_that_was_moved_but_taken_back_and_ended_elsewhere_before_its_start_is_not_started()
    {
        var (dispatcher, scheduler, worker) = (await Plane("d"), await Plane(), await Plane());
        await worker.RegisterAsync(Node("a", 1), default);
        await dispatcher.PushAsync(Task(1), default);
        await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        var json = await Text("LINDEX", "q:a", "0");
        await worker.CompleteAsync(await worker.TakeAsync("a", default), TaskOutcome.Succeeded, null, default);

        // A worker that was away sends the acceptance of what it had moved; its inbox was emptied meanwhile.
        var late = await _redis.CallAsync(ControlScripts.Accept.Command(0).Add("a").Add("w").Add(json).Add("other-id").Add(1L));

        Assert.Equal("stale", late[0].AsText());
        Assert.Equal(("1", "0"), (await Text("HGET", "tracekit:counts", "succeeded"), await Text("EXISTS", "tracekit:on:a")));
    }

    [Fact]
    public async Task An_acceptance_that_is_sent_again_is_the_same_one_also_for_a_task_without_an_id()
    {
        var worker = await Plane();
        await worker.RegisterAsync(Node("a", 1), default);
        await _redis.CallAsync(new RespCommand("RPUSH").Add("tracekit:inbox:a").Add(Task(1).ToJson()));
        var accept = ControlScripts.Accept.Command(0).Add("a").Add("w").Add(Task(1).ToJson()).Add("an-id").Add(1L);

        var first = await _redis.CallAsync(accept);
        var second = await _redis.CallAsync(accept);

        Assert.Equal(("run", "an-id", "1"), (first[0].AsText(), first[1].AsText(), first[2].AsText()));
        Assert.Equal(("run", "an-id", "1"), (second[0].AsText(), second[1].AsText(), second[2].AsText()));
        Assert.Equal("1", await Text("SCARD", "tracekit:on:a"));
    }

    [Fact]
    public async Task A_task_whose_start_the_server_forgot_is_not_run_again()
    {
        var (dispatcher, scheduler, worker) = (await Plane("d"), await Plane(), await Plane());
        await worker.RegisterAsync(Node("a", 2), default);
        await dispatcher.PushAsync(Task(1), default);
        await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        var json = await Text("LINDEX", "q:a", "0");
        var taken = await worker.TakeAsync("a", default);

        // As a server that was restarted on an older file: the task waits in the queue once more, and another copy is found while it runs.
        await _redis.CallAsync(RespCommand.Of("HSET", "tracekit:task:d-0", "state", "dispatched"));
        await _redis.CallAsync(RespCommand.Of("RPUSH", "q:a", json));
        var next = worker.TakeAsync("a", default).AsTask();
        await Until(async () => await Text("LLEN", "q:a") == "0" && await Text("LLEN", "tracekit:inbox:a") == "0");
        await _redis.CallAsync(RespCommand.Of("HSET", "tracekit:task:d-0", "state", "dispatched"));
        await _redis.CallAsync(RespCommand.Of("RPUSH", "tracekit:inbox:a", json));
        await worker.CompleteAsync(taken, TaskOutcome.Succeeded, null, default);
        await dispatcher.PushAsync(Task(1), default);
        await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);

        Assert.Equal("d-1", (await next).Task.Id);
        Assert.Equal(("1", "1", "0"), (await Text("HGET", "tracekit:counts", "succeeded"), await Text("GET", "cap:a"), await Text("LLEN", "tracekit:inbox:a")));
    }

    [Fact]
    public async Task A_second_task_of_an_id_that_is_dispatched_is_a_dead_letter_and_takes_nothing()
    {
        var (scheduler, worker) = (await Plane(), await Plane());
        await worker.RegisterAsync(Node("a", 3) with { Slots = 3 }, default);
        var twin = (Task(1) with { Id = "twin", Dispatch = "d" }).ToJson();
        await _redis.CallAsync(new RespCommand("RPUSH").Add("q:pending").Add(twin).Add(twin).Add((Task(1) with { Id = "other", Dispatch = "d" }).ToJson()));

        while ((await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default)).Outcome == DispatchOutcome.Dispatched)
        {
        }

        Assert.Equal(("2", "1", "1"), (await Text("LLEN", "q:a"), await Text("GET", "cap:a"), await Text("LLEN", "slots:available")));
        Assert.Contains("is dispatched already", await Text("LINDEX", "tracekit:dead", "0"), StringComparison.Ordinal);
        Assert.Equal("0", await Text("HEXISTS", "tracekit:dispatch:d", "dead"));
    }

    [Fact]
    public async Task Ten_thousand_tasks_of_a_node_that_leaves_go_back_in_order_in_one_short_step()
    {
        const int Many = 10_000;
        var (dispatcher, worker) = (await Plane("d"), await Plane());
        await worker.RegisterAsync(Node("a", 1), default);
        for (var i = 0; i < Many; i++)
        {
            await dispatcher.PushToAsync("a", Task(1) with { Seq = i }, default);
        }

        await _redis.CallAsync(RespCommand.Of("CONFIG", "SET", "busy-reply-threshold", "2000"));
        await worker.DeregisterAsync("a", default);

        Assert.Equal(Enumerable.Range(0, Many).Select(i => (long?)i), await Seqs());
    }

    [Theory]
    [InlineData("0.5")]
    [InlineData("-100")]
    [InlineData("1e300")]
    [InlineData("\"7\"")]
    public async Task Units_that_no_task_may_ask_for_count_as_one_when_the_node_comes(string units)
    {
        await _redis.CallAsync(RespCommand.Of("RPUSH", "q:a", $"{{\"cpu_units\":{units}}}"));
        var (scheduler, worker) = (await Plane(), await Plane());

        await worker.RegisterAsync(Node("a", 8), default);

        Assert.Equal(DispatchOutcome.Empty, (await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default)).Outcome);
        Assert.Equal(units == "\"7\"" ? "1" : "7", await Text("GET", "cap:a"));
    }

    [Fact]
    public async Task Slots_are_taken_and_given_back()
    {
        var (dispatcher, scheduler, worker) = (await Plane("d"), await Plane(), await Plane());
        await worker.RegisterAsync(Node("a", 8) with { Slots = 1 }, default);
        await dispatcher.PushAsync(Task(1), default);
        await dispatcher.PushAsync(Task(1), default);

        await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        var blocked = await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        var tokensWhileRunning = await Text("LLEN", "slots:available");
        await worker.CompleteAsync(await worker.TakeAsync("a", default), TaskOutcome.Failed, null, default);

        Assert.Equal(DispatchOutcome.Blocked, blocked.Outcome);
        Assert.Equal("0", tokensWhileRunning);
        Assert.Equal("1", await Text("LLEN", "slots:available"));
    }

    [Fact]
    public async Task Tasks_of_a_worker_that_is_gone_go_back_to_the_head_in_their_old_order()
    {
        var (dispatcher, scheduler) = (await Plane("d"), await Plane(leaseMs: 400));
        var dying = await Plane(leaseMs: 400, keep: false);
        await dying.RegisterAsync(Node("a", 3), default);
        for (var i = 0; i < 5; i++)
        {
            await dispatcher.PushAsync(Task(1) with { Seq = i }, default);
        }

        await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        await dying.TakeAsync("a", default);
        await dying.TakeAsync("a", default);
        await dying.DisposeAsync();
        await Until(async () => await Text("EXISTS", "cap:a") == "0");

        Assert.Equal([0, 1, 2, 3, 4], await Seqs());
        Assert.Equal("3", await Text("HGET", "tracekit:counts", "requeued"));
    }

    [Fact]
    public async Task A_task_that_is_lost_too_often_is_a_dead_letter_and_can_be_revived()
    {
        var (dispatcher, scheduler) = (await Plane("d"), await Plane(leaseMs: 300, attempts: 1));
        var dying = await Plane(leaseMs: 300, keep: false);
        await dying.RegisterAsync(Node("a", 1), default);
        await dispatcher.PushAsync(Task(1), default);
        await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        await dying.DisposeAsync();

        await Until(async () => await Text("LLEN", "tracekit:dead") == "1");
        var failed = (await dispatcher.SnapshotAsync(default)).Failed;
        var revived = await dispatcher.ReviveDeadAsync(10, default);

        Assert.Equal((1, 1), (failed, revived));
        Assert.Equal(("1", "0"), (await Text("LLEN", "q:pending"), await Text("LLEN", "tracekit:dead")));
    }

    [Fact]
    public async Task A_malformed_task_goes_to_the_dead_letters_and_the_line_goes_on()
    {
        var (dispatcher, scheduler, worker) = (await Plane("d"), await Plane(), await Plane());
        await worker.RegisterAsync(Node("a", 4), default);
        await dispatcher.PushAsync(Task(1), default);
        await _redis.CallAsync(RespCommand.Of("RPUSH", "q:pending", "no json", "{\"input\":1}"));
        await dispatcher.PushAsync(Task(1), default);

        await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);

        Assert.Equal(("2", "0", "2"), (await Text("LLEN", "q:a"), await Text("LLEN", "q:pending"), await Text("LLEN", "tracekit:dead")));
    }

    [Fact]
    public async Task A_second_scheduler_stands_by_and_takes_over_when_the_first_steps_down_and_the_first_can_then_do_nothing()
    {
        var (dispatcher, first, second, worker) = (await Plane("d"), await Plane(keep: false), await Plane(), await Plane());
        await worker.RegisterAsync(Node("a", 4), default);
        await first.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        await dispatcher.PushAsync(Task(1), default);

        var waiting = second.TryDispatchHeadAsync(HostWeigher.FirstFit, default).AsTask();
        Assert.False(waiting.IsCompleted);
        await first.DisposeAsync();

        Assert.Equal(DispatchOutcome.Dispatched, (await waiting).Outcome);
    }

    [Fact]
    public async Task Two_workers_of_one_name_are_refused()
    {
        var (one, two) = (await Plane(), await Plane());
        await one.RegisterAsync(Node("a", 1), default);

        var error = await Assert.ThrowsAsync<UsageException>(async () => await two.RegisterAsync(Node("a", 1), default));

        Assert.Contains("node a has a worker already", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_is_started_again_within_its_own_lease_waits_for_the_rest_of_it()
    {
        var (killed, again) = (await Plane(leaseMs: 1000, keep: false), await Plane(leaseMs: 1000));
        await killed.RegisterAsync(Node("a", 1), default);
        await killed.DisposeAsync();
        Assert.Equal("1", await Text("EXISTS", "tracekit:alive:a"));

        await again.RegisterAsync(Node("a", 2), default);

        Assert.Equal("2", await Text("GET", "cap_total:a"));
        var told = Assert.Single(_reports);
        Assert.StartsWith("another worker of node a (", told, StringComparison.Ordinal);
        Assert.EndsWith("waiting", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_whose_lease_ran_out_unnoticed_takes_it_again_and_goes_on_with_what_it_runs()
    {
        var (dispatcher, scheduler, worker) = (await Plane("d"), await Plane(keep: false), await Plane(leaseMs: 400));
        await worker.RegisterAsync(Node("a", 1), default);
        await dispatcher.PushAsync(Task(1), default);
        await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        await scheduler.DisposeAsync();
        var running = await worker.TakeAsync("a", default);

        await _redis.CallAsync(RespCommand.Of("DEL", "tracekit:alive:a"));
        await Until(async () => await Text("EXISTS", "tracekit:alive:a") == "1");

        Assert.False(running.TakenBack.IsCancellationRequested);
        Assert.True(await worker.CompleteAsync(running, TaskOutcome.Succeeded, null, default));
        Assert.Equal(("1", "0"), (await Text("GET", "cap:a"), await Text("GET", "run_count:a")));
        Assert.Empty(_reports);
    }

    [Fact]
    public async Task A_dispatch_that_is_sent_twice_is_in_the_line_once()
    {
        var (one, two) = (await Plane("same"), await Plane("same"));
        await one.PushAsync(Task(1), default);
        await one.PushAsync(Task(1), default);

        await two.PushAsync(Task(1), default);
        await two.PushAsync(Task(1), default);
        await two.PushAsync(Task(1), default);

        Assert.Equal("3", await Text("LLEN", "q:pending"));
    }

    [Fact]
    public async Task Tasks_that_the_server_acknowledged_and_lost_are_sent_again()
    {
        var dispatcher = await Plane("d");
        await dispatcher.BeginDispatchAsync(4, default);
        for (var i = 0; i < 3; i++)
        {
            await dispatcher.PushAsync(Task(1) with { Seq = i }, default);
        }

        // As after a crash whose last fsync was before the second push, then as after one that kept nothing.
        await _redis.CallAsync(RespCommand.Of("LTRIM", "q:pending", "0", "0"));
        await _redis.CallAsync(RespCommand.Of("HSET", "tracekit:dispatch:d", "pushed", "1"));
        await dispatcher.PushAsync(Task(1) with { Seq = 3 }, default);
        var afterFirst = await Seqs();
        await _redis.CallAsync(RespCommand.Of("FLUSHALL"));
        await dispatcher.PushToAsync("a", Task(1) with { Seq = 4 }, default);

        Assert.Equal([0, 1, 2, 3], afterFirst);
        Assert.Equal([0, 1, 2, 3], await Seqs());
        Assert.Equal(("1", "5", "4"), (await Text("LLEN", "q:a"), await Text("HGET", "tracekit:dispatch:d", "pushed"), await Text("HGET", "tracekit:dispatch:d", "total")));
        Assert.Equal(["the server has lost 2 tasks", "the server has lost 4 tasks"], _reports.Select(r => r.Split(": ")[1][.."the server has lost N tasks".Length]));
    }

    [Fact]
    public async Task Too_many_lost_tasks_are_told_with_what_to_do()
    {
        var dispatcher = await Plane("d");
        await _redis.CallAsync(RespCommand.Of("HSET", "tracekit:dispatch:d", "pushed", "1000000"));
        for (var i = 0; i <= RedisControlPlane.MaxKeptPushes; i++)
        {
            await dispatcher.PushAsync(Task(1), default);
        }

        await _redis.CallAsync(RespCommand.Of("FLUSHALL"));
        var e = await Assert.ThrowsAsync<TracekitException>(async () => await dispatcher.PushAsync(Task(1), default));

        Assert.EndsWith("dispatch once more with the same flags and --dispatch-id d, which sends what is missing", e.Message, StringComparison.Ordinal);
        Assert.Empty(_reports);
    }

    [Fact]
    public async Task A_plane_that_cannot_be_made_leaves_no_connection_behind()
    {
        await _redis.CallAsync(RespCommand.Of("ACL", "SETUSER", "deaf", "on", ">secret", "~*", "&*", "+@all", "-subscribe"));
        var options = new RedisControlOptions(RedisServer.OptionsFor(_server.Url.Replace("//", "//deaf:secret@", StringComparison.Ordinal)));

        var e = await Assert.ThrowsAsync<RedisServerException>(() => RedisControlPlane.ConnectAsync(options, default));

        Assert.Equal(RedisErrorCode.NoPerm, e.Code);
        await Until(async () => !(await Text("CLIENT", "LIST")).Contains("user=deaf", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Waiting_ends_when_a_task_comes_also_from_a_dispatcher_that_publishes_nothing()
    {
        var (scheduler, worker) = (await Plane(), await Plane());
        await worker.RegisterAsync(Node("a", 4), default);
        var empty = await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        Assert.Equal(DispatchOutcome.Empty, empty.Outcome);
        var wait = scheduler.WaitForChangeAsync(empty.Version, default).AsTask();

        await _redis.CallAsync(new RespCommand("RPUSH").Add("q:pending").Add(Task(1).ToJson()));
        await wait.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(DispatchOutcome.Dispatched, (await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default)).Outcome);
    }

    [Fact]
    public async Task A_worker_that_knows_only_the_contracts_keys_is_given_tasks_by_its_capacity()
    {
        var (dispatcher, scheduler) = (await Plane("d"), await Plane());
        await _redis.CallAsync(RespCommand.Of("MSET", "cap:old", "2", "cap_total:old", "2", "run_count:old", "0"));
        for (var i = 0; i < 3; i++)
        {
            await dispatcher.PushAsync(Task(1), default);
        }

        await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        var blocked = await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);
        var wait = scheduler.WaitForChangeAsync(blocked.Version, default).AsTask();
        await _redis.CallAsync(RespCommand.Of("INCRBY", "cap:old", "1"));
        await _redis.CallAsync(RespCommand.Of("DECR", "run_count:old"));
        await wait.WaitAsync(TimeSpan.FromSeconds(20));
        await scheduler.TryDispatchHeadAsync(HostWeigher.FirstFit, default);

        Assert.Equal(("3", "0"), (await Text("LLEN", "q:old"), await Text("GET", "cap:old")));
        Assert.Equal("0", await Text("EXISTS", "tracekit:on:old"));
    }

    [Fact]
    public async Task A_worker_takes_what_a_scheduler_that_keeps_no_records_gave_it_and_gives_back_by_the_plain_rules()
    {
        var worker = await Plane();
        await worker.RegisterAsync(Node("a", 4) with { Slots = 2 }, default);

        // What the older scheduler does, key by key.
        await _redis.CallAsync(RespCommand.Of("LREM", "slots:available", "1", "a"));
        await _redis.CallAsync(RespCommand.Of("DECRBY", "cap:a", "3"));
        await _redis.CallAsync(RespCommand.Of("INCR", "run_count:a"));
        await _redis.CallAsync(new RespCommand("RPUSH").Add("q:a").Add(Task(3).ToJson()));
        var taken = await worker.TakeAsync("a", default);
        await worker.CompleteAsync(taken, TaskOutcome.Succeeded, null, default);

        Assert.Equal(3, taken.Task.CpuUnits);
        Assert.Equal(("4", "0", "2"), (await Text("GET", "cap:a"), await Text("GET", "run_count:a"), await Text("LLEN", "slots:available")));
    }

    private static TaskSpec Task(int units) => Sample.Task(units: units);

    private static NodeRegistration Node(string id, int capacity) => new(id, capacity, null, capacity);

    private async Task<RedisControlPlane> Plane(string? dispatch = null, int leaseMs = 5000, int attempts = 3, bool keep = true)
    {
        var plane = await RedisControlPlane.ConnectAsync(
            new RedisControlOptions(RedisServer.OptionsFor(_server.Url)) { DispatchId = dispatch, Lease = TimeSpan.FromMilliseconds(leaseMs), MaxAttempts = attempts, Report = Told }, default);
        if (keep)
        {
            _planes.Add(plane);
        }

        return plane;
    }

    // That a scheduler leads is no news here.
    private void Told(string line)
    {
        if (!line.StartsWith("leading", StringComparison.Ordinal))
        {
            _reports.Enqueue(line);
        }
    }

    // The tasks of a line, in its order.
    private async Task<long?[]> Seqs(string line = "q:pending")
    {
        var seqs = new List<long?>();
        foreach (var task in (await _redis.CallAsync(RespCommand.Of("LRANGE", line, "0", "-1"))).Items)
        {
            seqs.Add(TaskSpec.Parse(task.AsBytes().Span, line).Seq);
        }

        return [.. seqs];
    }

    private async Task<string> Text(params string[] words)
    {
        var reply = await _redis.CallAsync(RespCommand.Of(words[0], words.AsSpan(1)));
        return reply.Kind == RespKind.Number ? $"{reply.AsInt64()}" : reply.AsText();
    }

    private static async Task Until(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 1000 && !await condition(); i++)
        {
            await System.Threading.Tasks.Task.Delay(20);
        }

        Assert.True(await condition());
    }
}
