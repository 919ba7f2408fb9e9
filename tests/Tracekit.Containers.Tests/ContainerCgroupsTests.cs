using Tracekit.Collect;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Containers.Tests;

/// <summary>From a container's name to its control group, from recorded texts of several machines and against a real engine.</summary>
public sealed class ContainerCgroupsTests(DockerEngine docker) : IClassFixture<DockerEngine>
{
    private const string Id = "5958d7b788a42980ed09c3f5749dbb9e1bcb22c670a33e83996a093f8fc97174";
    private static readonly CancellationToken None = CancellationToken.None;

    private const string Unified = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";

    private const string Hybrid = """
        40 39 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
        41 39 0:31 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
        42 39 0:32 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
        """;

    private const string Version1 = "40 39 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n";

    [Theory]
    [InlineData(Unified, $"0::/system.slice/docker-{Id}.scope\n", $"/sys/fs/cgroup/system.slice/docker-{Id}.scope")]
    [InlineData(Unified, $"0::/docker/{Id}\n", $"/sys/fs/cgroup/docker/{Id}")]
    [InlineData(Unified, $"0::/docker/{Id}/init.scope\n", $"/sys/fs/cgroup/docker/{Id}")]
    [InlineData(Unified, "0::/\n", null)]
    [InlineData(Unified, "0::/../other\n", null)]
    [InlineData(Hybrid, $"3:cpu,cpuacct:/docker/{Id}\n2:name=systemd:/docker/{Id}\n0::/docker/{Id}\n", $"/sys/fs/cgroup/unified/docker/{Id}")]
    [InlineData(Hybrid, $"3:cpu,cpuacct:/docker/{Id}\n2:name=systemd:/docker/{Id}\n0::/system.slice/docker.service\n", $"/sys/fs/cgroup/cpu,cpuacct/docker/{Id}")]
    [InlineData(Hybrid, $"3:cpu,cpuacct:/\n2:name=systemd:/docker/{Id}\n0::/\n", $"/sys/fs/cgroup/systemd/docker/{Id}")]
    [InlineData(Version1, $"5:memory:/docker/{Id}\n3:cpu,cpuacct:/docker/{Id}\n", $"/sys/fs/cgroup/cpu,cpuacct/docker/{Id}")]
    [InlineData(Version1, $"3:cpu,cpuacct:/own/place\n", "/sys/fs/cgroup/cpu,cpuacct/own/place")]
    public void The_group_of_the_whole_container_is_chosen(string mountInfo, string groups, string? directory) =>
        Assert.Equal(directory, ContainerCgroups.Choose(ProcessCgroups.Parse(groups, mountInfo), [], Id));

    [Fact]
    public void A_group_that_has_the_collector_is_never_chosen()
    {
        var own = ProcessCgroups.Parse("0::/user.slice/session\n", Unified);
        Assert.Null(ContainerCgroups.Choose(ProcessCgroups.Parse("0::/user.slice\n", Unified), own, Id));
        Assert.Null(ContainerCgroups.Choose(own, own, Id));
    }

    [Fact]
    public async Task The_group_has_every_process_of_the_container()
    {
        var name = await docker.RunAsync("sleep 600 & sleep 600 & wait");
        var group = Assert.Single(await ContainerCgroups.ReadAsync(docker.Client, name, None));
        await Eventually.Holds(() => Pids(group).Count == 3);
        Assert.Contains((await docker.Client.InspectAsync(name, None)).State.Pid, Pids(group));
        await docker.Client.RemoveAsync(name, force: true, None);
    }

    [Fact]
    public async Task A_container_that_does_not_run_is_told()
    {
        var name = docker.NewName();
        await docker.Client.CreateAsync(DockerEngine.Shell("true", name), None);
        var e = await Assert.ThrowsAsync<TracekitException>(() => ContainerCgroups.ReadAsync(docker.Client, name, None));
        ContainerEngineTests.AssertOneLine(e, name);
        ContainerEngineTests.AssertOneLine(e, "created");
    }

    [Fact]
    public async Task A_container_is_followed_through_restart_and_a_new_one_of_its_name()
    {
        using var stop = new CancellationTokenSource();
        var name = docker.NewName();
        await using var groups = ContainerCgroups.FollowAsync(docker.Client, name, null, stop.Token).GetAsyncEnumerator(stop.Token);
        Assert.Empty(await NextAsync(groups));

        await docker.RunAsync("sleep 600", name);
        var first = Assert.Single(await UntilRunningAsync(groups));
        Assert.Contains((await docker.Client.InspectAsync(name, None)).State.Pid, Pids(first));

        await docker.Client.KillAsync(name, 9, None);
        Assert.Empty(await NextAsync(groups));
        await docker.Client.StartAsync(name, None);
        var second = Assert.Single(await UntilRunningAsync(groups));
        Assert.Contains((await docker.Client.InspectAsync(name, None)).State.Pid, Pids(second));

        await docker.Client.RemoveAsync(name, force: true, None);
        Assert.Empty(await NextAsync(groups));
        await docker.RunAsync("sleep 600", name);
        var third = Assert.Single(await UntilRunningAsync(groups));
        Assert.NotEqual(first, third);
        Assert.Contains((await docker.Client.InspectAsync(name, None)).State.Pid, Pids(third));
        await stop.CancelAsync();
    }

    [Fact]
    public async Task A_container_is_followed_through_a_restart_of_the_engine()
    {
        var own = new DockerEngine();
        await own.InitializeAsync();
        try
        {
            using var stop = new CancellationTokenSource();
            var told = new List<string>();
            var name = await own.RunAsync("sleep 600");
            await using var groups = ContainerCgroups.FollowAsync(own.Client, name, told.Add, stop.Token).GetAsyncEnumerator(stop.Token);
            var first = Assert.Single(await NextAsync(groups));
            var next = groups.MoveNextAsync();
            await own.StopAsync();
            await own.StartAsync();
            await own.Client.StartAsync(name, None);
            var pid = (await own.Client.InspectAsync(name, None)).State.Pid;
            IReadOnlyList<string> now;
            do
            {
                Assert.True(await next.AsTask().WaitAsync(TimeSpan.FromSeconds(60)));
                now = groups.Current;
                next = now.Count == 0 || !Pids(now[0]).Contains(pid) ? groups.MoveNextAsync() : default;
            }
            while (now.Count == 0 || !Pids(now[0]).Contains(pid));
            Assert.NotEmpty(first);
            Assert.True(told.Count <= 2, string.Join('\n', told));
            await stop.CancelAsync();
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    private static async Task<IReadOnlyList<string>> NextAsync(IAsyncEnumerator<IReadOnlyList<string>> groups)
    {
        Assert.True(await groups.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60)));
        return groups.Current;
    }

    private static async Task<IReadOnlyList<string>> UntilRunningAsync(IAsyncEnumerator<IReadOnlyList<string>> groups)
    {
        while (await NextAsync(groups) is var now)
        {
            if (now.Count > 0)
            {
                return now;
            }
        }

        throw new InvalidOperationException();
    }

    private static List<int> Pids(string group) =>
        File.Exists($"{group}/cgroup.procs") ? [.. File.ReadAllLines($"{group}/cgroup.procs").Select(l => int.Parse(l, System.Globalization.CultureInfo.InvariantCulture))] : [];
}
