using Tracekit.Model;

namespace Tracekit.Linux.Tests;

[Collection("spawner")]
public sealed class ProcessSpawnTests
{
    private static readonly RunClock Clock = new(TimeProvider.System);

    // The runtime ignores SIGPIPE for itself.
    private const ulong SigPipeBit = 1UL << 12;

    private static void KillSpawner()
    {
        var spawner = SpawnerPid();
        Signals.Send(spawner, Signals.Kill);
        Wait.Until(() => ProcPidStat.Read(spawner) is null or { State: 'Z' });
    }

    // A held child still has the spawner's name; the spawner is the oldest.
    private static int SpawnerPid() => Directory.GetDirectories("/proc")
        .Select(d => int.TryParse(Path.GetFileName(d), out var pid) ? pid : 0)
        .Where(pid => pid > 0 && ProcPidStat.Read(pid) is { State: not 'Z' } stat && stat.ParentPid == Environment.ProcessId
            && File.ReadAllText($"/proc/{pid}/comm") == "tracekit-spawn\n")
        .MinBy(pid => ProcPidStat.Read(pid)!.Value.StartTimeTicks);

    private static ulong IgnoredByUs() => Convert.ToUInt64(
        File.ReadLines("/proc/self/status").Single(l => l.StartsWith("SigIgn:", StringComparison.Ordinal))["SigIgn:\t".Length..], 16);

    private static SpawnRequest Shell(string script) => new()
    {
        Path = "/bin/sh",
        Arguments = ["sh", "-c", script],
        Environment = ["PATH=/usr/bin:/bin"],
    };

    [Fact]
    public void A_released_process_runs_its_program_and_gives_its_exit_code()
    {
        var held = ProcessSpawn.Hold(Shell("exit 7"));

        var error = held.Release();
        var ending = ChildProcess.WaitForEnd(held.Pid, Clock);

        Assert.Null(error);
        Assert.Equal(7, ending.Status.ExitCode);
    }

    [Fact]
    public void A_held_process_has_run_nothing_of_its_program()
    {
        using var directory = new TemporaryDirectory();
        var held = ProcessSpawn.Hold(Shell($"echo ran > {directory.Path}/mark"));

        var nameWhileHeld = File.ReadAllText($"/proc/{held.Pid}/comm").Trim();
        var markWhileHeld = File.Exists(directory.File("mark"));
        held.Release();
        ChildProcess.WaitForEnd(held.Pid, Clock);

        Assert.NotEqual("sh", nameWhileHeld);
        Assert.False(markWhileHeld);
        Assert.True(File.Exists(directory.File("mark")));
    }

    [Fact]
    public void An_abandoned_process_never_runs_its_program()
    {
        using var directory = new TemporaryDirectory();
        var held = ProcessSpawn.Hold(Shell($"echo ran > {directory.Path}/mark"));

        held.Abandon();
        ChildProcess.WaitForEnd(held.Pid, Clock);

        Assert.False(File.Exists(directory.File("mark")));
    }

    [Fact]
    public void A_program_that_cannot_be_executed_is_told_with_its_path()
    {
        var held = ProcessSpawn.Hold(new SpawnRequest { Path = "/nowhere/program", Arguments = ["program"], Environment = [] });

        var error = held.Release();
        var ending = ChildProcess.WaitForEnd(held.Pid, Clock);

        Assert.Equal("cannot execute /nowhere/program: No such file or directory", error);
        Assert.Equal(127, ending.Status.ExitCode);
    }

    [Fact]
    public void Limits_that_are_set_while_it_is_held_hold_in_the_program()
    {
        using var directory = new TemporaryDirectory();
        var held = ProcessSpawn.Hold(Shell($"nice > {directory.Path}/nice; grep Cpus_allowed_list /proc/self/status > {directory.Path}/cpus"));

        CpuAffinity.Apply(CpuSet.Parse("0"), held.Pid);
        Niceness.ApplyTo(held.Pid, 5);
        held.Release();
        ChildProcess.WaitForEnd(held.Pid, Clock);

        Assert.Equal("5", File.ReadAllText(directory.File("nice")).Trim());
        Assert.Equal("Cpus_allowed_list:\t0", File.ReadAllText(directory.File("cpus")).Trim());
    }

    [Fact]
    public void The_program_finds_no_signal_blocked_and_only_those_ignored_that_we_were_started_to_ignore()
    {
        using var directory = new TemporaryDirectory();
        var held = ProcessSpawn.Hold(Shell($"exec grep -E '^Sig(Blk|Ign)' /proc/self/status > {directory.Path}/signals"));

        held.Release();
        ChildProcess.WaitForEnd(held.Pid, Clock);

        var lines = File.ReadAllLines(directory.File("signals"));
        Assert.Equal("SigBlk:\t0000000000000000", lines[0]);
        Assert.Equal($"SigIgn:\t{IgnoredByUs() & ~SigPipeBit:x16}", lines[1]);
    }

    [Fact]
    public void A_signal_that_ends_the_program_is_reported_as_128_and_its_number()
    {
        var held = ProcessSpawn.Hold(Shell("kill -9 $$"));

        held.Release();
        var ending = ChildProcess.WaitForEnd(held.Pid, Clock);

        Assert.Equal(9, ending.Status.Signal);
        Assert.Equal(137, ending.Status.ExitCode);
    }

    [Fact]
    public void The_exit_accounting_tells_own_time_from_that_of_waited_for_children()
    {
        var held = ProcessSpawn.Hold(Shell("sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'; :"));

        held.Release();
        var ending = ChildProcess.WaitForEnd(held.Pid, Clock);

        Assert.InRange(ending.ChildrenCpuNs, 20_000_000, long.MaxValue);
        Assert.InRange(ending.OwnCpuNs, 1, ending.ChildrenCpuNs);
    }

    [Fact]
    public void The_peak_memory_of_a_small_program_is_its_own_and_not_ours()
    {
        var held = ProcessSpawn.Hold(new SpawnRequest { Path = "/bin/true", Arguments = ["true"], Environment = [] });

        held.Release();
        var ending = ChildProcess.WaitForEnd(held.Pid, Clock);

        Assert.InRange(ending.Usage.MaxRssKb, 100, 8 * 1024);
        Assert.True(Environment.WorkingSet > 16 * 1024 * 1024);
    }

    [Fact]
    public void Arguments_and_environment_up_to_the_kernels_limit_pass_through()
    {
        using var directory = new TemporaryDirectory();
        var longest = new string('x', 120_000);
        var request = Shell($"echo ${{#0}} ${{#BIG}} > {directory.Path}/lengths");
        var held = ProcessSpawn.Hold(request with { Arguments = [.. request.Arguments, longest], Environment = ["PATH=/bin", $"BIG={longest}"] });

        var error = held.Release();
        ChildProcess.WaitForEnd(held.Pid, Clock);

        Assert.Null(error);
        Assert.Equal("120000 120000", File.ReadAllText(directory.File("lengths")).Trim());
    }

    [Fact]
    public void A_spawner_that_was_killed_is_replaced()
    {
        var first = ProcessSpawn.Hold(Shell(":"));
        first.Release();
        ChildProcess.WaitForEnd(first.Pid, Clock);
        KillSpawner();

        var held = ProcessSpawn.Hold(Shell("exit 5"));
        var error = held.Release();

        Assert.Null(error);
        Assert.Equal(5, ChildProcess.WaitForEnd(held.Pid, Clock).Status.ExitCode);
    }

    [Fact]
    public void A_child_that_is_held_while_the_spawner_dies_still_runs_its_program()
    {
        var held = ProcessSpawn.Hold(Shell("exit 6"));
        KillSpawner();

        held.Release();

        Assert.Equal(6, ChildProcess.WaitForEnd(held.Pid, Clock).Status.ExitCode);
    }

    [Fact]
    public void Guards_can_be_made_again_and_again_and_disposed_twice()
    {
        for (var i = 0; i < 100; i++)
        {
            var guard = ProcessGroupGuard.Start();
            guard.Dispose();
            guard.Dispose();
        }
    }

    [Fact]
    public void Many_processes_held_at_once_from_many_threads_all_run()
    {
        var codes = new int[200];

        Parallel.For(0, codes.Length, new ParallelOptions { MaxDegreeOfParallelism = 16 }, i =>
        {
            var held = ProcessSpawn.Hold(Shell($"exit {i % 100}"));
            held.Release();
            codes[i] = ChildProcess.WaitForEnd(held.Pid, Clock).Status.ExitCode;
        });

        Assert.Equal(Enumerable.Range(0, codes.Length).Select(i => i % 100), codes);
    }

    [Fact]
    public void The_guards_end_takes_the_whole_group_with_it_forked_children_too()
    {
        using var directory = new TemporaryDirectory();
        var guard = ProcessGroupGuard.Start();
        var held = ProcessSpawn.Hold(Shell($"sleep 1000 & echo $! > {directory.Path}/pid; wait") with { ProcessGroup = guard.Group });
        held.Release();
        Wait.Until(() => File.Exists(directory.File("pid")) && File.ReadAllText(directory.File("pid")).EndsWith('\n'));
        var grandchild = int.Parse(File.ReadAllText(directory.File("pid")), System.Globalization.CultureInfo.InvariantCulture);

        guard.Dispose();
        var ending = ChildProcess.WaitForEnd(held.Pid, Clock);

        Assert.Equal(Signals.Kill, ending.Status.Signal);
        Wait.Until(() => ProcPidStat.Read(grandchild) is null or { State: 'Z' });
    }
}
