namespace Tracekit.Linux.Tests;

/// <summary>What the kernel writes about control groups, and what we name ours.</summary>
public sealed class CgroupTextTests
{
    private const string Hybrid = """
        32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
        34 31 0:31 / /sys/fs/cgroup/cpuset rw,relatime shared:9 - cgroup cgroup rw,cpuset
        41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
        """;

    private const string Container = "41 31 0:38 /docker/abc /sys/fs/cgroup ro,relatime - cgroup2 cgroup rw";

    [Theory]
    [InlineData(Hybrid, "3:cpuset:/\n2:cpu,cpuacct:/batch/a\n0::/user.slice", "cpu", "/sys/fs/cgroup/cpu,cpuacct/batch/a")]
    [InlineData(Hybrid, "3:cpuset:/\n2:cpu,cpuacct:/batch/a\n0::/user.slice", null, "/sys/fs/cgroup/unified/user.slice")]
    [InlineData(Hybrid, "2:cpu,cpuacct:/\n0::/", "cpu", "/sys/fs/cgroup/cpu,cpuacct")]
    [InlineData(Container, "0::/docker/abc/job", null, "/sys/fs/cgroup/job")]
    [InlineData(Container, "0::/../other", null, "/sys/fs/cgroup")]
    [InlineData(Container, "0::/", "cpu", null)]
    [InlineData("", "", null, null)]
    [InlineData("1 2 3 4 5 6", "x", null, null)]
    public void Our_own_group_is_found(string mounts, string groups, string? controller, string? path) =>
        Assert.Equal(path, CgroupMount.Find(mounts, groups, controller)?.Path);

    [Fact]
    public void The_groups_above_are_those_that_we_see() =>
        Assert.Equal(["/g/cpu/a/b", "/g/cpu/a", "/g/cpu"], new CgroupMount("/g/cpu", "/g/cpu/a/b").Upwards());

    [Fact]
    public void Processes_of_another_pid_namespace_are_left_out() => Assert.Equal([12, 7], CgroupProcesses.Parse("12\n0\n7\n"));

    [Fact]
    public void The_name_of_a_group_says_whose_it_is()
    {
        var owner = new CgroupOwner(4026531836, 123, 98765);

        Assert.Equal("tracekit-4026531836-123-98765", owner.ToString());
        Assert.True(CgroupOwner.TryParse(owner.ToString(), out var read));
        Assert.Equal(owner, read);
    }

    [Theory]
    [InlineData("tracekit")]
    [InlineData("tracekit-1-2")]
    [InlineData("tracekit-1-2-x")]
    [InlineData("tracekit-1--2")]
    [InlineData("tracekit-1-99999999999-2")]
    [InlineData("user-1-2-3")]
    public void Other_names_are_nobodys(string name) => Assert.False(CgroupOwner.TryParse(name, out _));

    [Theory]
    [InlineData(1, 98765L, false)]
    [InlineData(1, 98766L, true)]
    [InlineData(1, null, true)]
    [InlineData(2, null, false)]
    public void An_owner_is_dead_when_its_pid_is_gone_or_anothers_and_unknown_from_another_namespace(long observerNamespace, long? startOfPid, bool isDead) =>
        Assert.Equal(isDead, new CgroupOwner(1, 123, 98765).IsDead(new CgroupOwner(observerNamespace, 5, 5), _ => startOfPid));
}
