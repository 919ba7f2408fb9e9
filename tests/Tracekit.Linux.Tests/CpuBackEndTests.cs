using Tracekit.Model;

namespace Tracekit.Linux.Tests;

/// <summary>The back ends on this machine's own control groups. Where it has none for us, the tests make sure that the reason is told.</summary>
[Collection("spawner")]
public sealed class CpuBackEndTests
{
    private static readonly RunClock Clock = new(TimeProvider.System);

    [Fact]
    public void The_first_way_that_works_is_taken_and_the_others_are_told()
    {
        var works = new AffinityOnlyCpu();

        var choice = CpuBackEnd.Choose(
        [
            ("a", () => throw new TracekitException("not mounted")),
            ("b", () => throw new UnauthorizedAccessException("denied")),
            ("c", () => works),
            ("d", () => throw new InvalidOperationException("never tried")),
        ]);

        Assert.Same(works, choice.Controller);
        Assert.Equal("cpu binding: affinity only, without quota and weight (not a: not mounted; not b: denied)", choice.Line);
    }

    [Fact]
    public void Where_nothing_works_programs_run_bound_to_their_cpus_only()
    {
        var choice = CpuBackEnd.Choose([("a", () => throw new TracekitException("not mounted"))]);

        Assert.False(choice.Controller.CanLimit);
        using var group = choice.Controller.Create();
        group.SetShare(new CpuShare(1, 1));
        group.Add(1);
        group.Kill();
        Assert.Empty(group.Processes);
    }

    [Fact]
    public void The_way_that_is_chosen_here_is_told_in_one_line()
    {
        var choice = CpuBackEnd.Choose();
        using var controller = choice.Controller;

        Assert.StartsWith("cpu binding: ", choice.Line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', choice.Line);
        Assert.True(controller.CanLimit || choice.Refused.Count == 3, choice.Line);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_share_stands_in_the_groups_files_and_a_process_in_its_list(int version) => With(version, (controller, root) =>
    {
        var group = controller.Create();
        group.SetShare(new CpuShare(0.75, 200));
        group.SetShare(new CpuShare(0.5, 200));
        var directory = Assert.Single(Directory.GetDirectories(root));
        var quota = CpuShareFiles.ReadQuota(
            version == 2,
            File.ReadAllText($"{directory}/{CpuShareFiles.QuotaFile(version == 2)}"),
            version == 2 ? "" : File.ReadAllText($"{directory}/cpu.cfs_period_us"));
        Assert.Equal(0.5, quota);
        Assert.Equal(version == 2 ? "200\n" : "2048\n", File.ReadAllText($"{directory}/{(version == 2 ? "cpu.weight" : "cpu.shares")}"));

        var held = Shell("sleep 30 & wait");
        group.Add(held.Pid);
        Assert.Equal([held.Pid], group.Processes);
        Assert.Null(held.Release());
        Wait.Until(() => group.Processes.Count == 2);
        group.Kill();
        Assert.Empty(group.Processes);
        Assert.Equal(128 + Signals.Kill, ChildProcess.WaitForEnd(held.Pid, Clock).Status.ExitCode);

        group.Dispose();
        Assert.Empty(Directory.GetDirectories(root));
        group.SetShare(new CpuShare(1, 1));
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_group_below_one_with_a_quota_knows_that_limit(int version) => With(version, (controller, root) =>
    {
        using var above = controller.Create();
        above.SetShare(new CpuShare(0.25, null));

        using var below = Open(version, Assert.Single(Directory.GetDirectories(root)));

        Assert.Equal(0.25, below.LimitCores);
    });

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_a_killed_process_left_is_removed_at_the_next_start_and_what_a_living_one_has_is_not(int version) => With(version, (controller, root) =>
    {
        var parent = Path.GetDirectoryName(root)!;
        var ours = CgroupOwner.Ours();
        var dead = $"{parent}/{ours with { Pid = 1, StartTicks = ours.StartTicks + 1 }}";
        var strange = $"{parent}/{ours with { PidNamespace = 1, Pid = 1, StartTicks = 1 }}";
        Directory.CreateDirectory(dead);
        Directory.CreateDirectory(strange);
        if (version == 1)
        {
            Directory.CreateDirectory($"{dead}/3");
        }

        using var next = Open(version, parent);

        Assert.Equal((false, true, true), (Directory.Exists(dead), Directory.Exists(strange), Directory.Exists(root)));
        Directory.Delete(strange);
    });

    [Fact]
    public void A_group_that_is_none_of_ours_to_write_gives_the_reason()
    {
        var error = Assert.Throws<TracekitException>(() => CgroupV1Cpu.Open("/proc/self").Dispose());

        Assert.Contains("cannot make a control group", error.Message, StringComparison.Ordinal);
    }

    // Runs on every version that the machine has with a CPU controller for us; where it has not, the reason must name what is missing.
    private static void With(int version, Action<ICpuController, string> test)
    {
        ICpuController controller;
        try
        {
            controller = Open(version, null);
        }
        catch (TracekitException e)
        {
            var mount = version == 2 ? CgroupMount.OfVersion2() : CgroupMount.OfCpuVersion1();
            var hasCpu = mount is { } found && (version == 1 || File.ReadAllText($"{found.MountPoint}/cgroup.controllers").Split(' ', '\n').Contains("cpu"));
            Assert.Matches(hasCpu ? "cannot (open|write|make)" : version == 1 ? "no hierarchy with the cpu controller" : "no cpu controller|not mounted|no unified", e.Message);
            return;
        }

        using (controller)
        {
            var root = controller.Description.Split(" at ")[1].Split(',')[0];
            test(controller, root);
            controller.Dispose();
            Assert.False(Directory.Exists(root));
        }
    }

    private static ICpuController Open(int version, string? below) => version == 2 ? CgroupV2Cpu.Open(below) : CgroupV1Cpu.Open(below);

    private static HeldProcess Shell(string script) =>
        ProcessSpawn.Hold(new SpawnRequest { Path = "/bin/sh", Arguments = ["sh", "-c", script], Environment = ["PATH=/usr/bin:/bin"] });
}
