using System.Text;
using Tracekit.Model;

namespace Tracekit.Containers.Tests;

/// <summary>Every call, against a real engine.</summary>
public sealed class ContainerEngineTests(DockerEngine docker) : IClassFixture<DockerEngine>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private ContainerEngine Engine => docker.Client;

    [Fact]
    public async Task The_newest_api_that_both_speak_is_used()
    {
        var version = await Engine.VersionAsync(None);
        Assert.True(Version.Parse(Engine.ApiVersion) <= Version.Parse(version.ApiVersion));
        Assert.True(Version.Parse(Engine.ApiVersion) >= Version.Parse(version.MinAPIVersion));
        Assert.Equal("linux", version.Os);
        Assert.Equal(version.ApiVersion, await Engine.PingAsync(None));
    }

    [Fact]
    public async Task A_container_lives_from_create_to_remove()
    {
        var name = docker.NewName();
        var id = await Engine.CreateAsync(
            DockerEngine.Shell("echo out; echo err >&2; exit 7", name) with { Labels = new Dictionary<string, string> { ["tracekit"] = "yes" } }, None);
        var made = await Engine.InspectAsync(name, None);
        Assert.Equal((id, "/" + name, "created", 0), (made.Id, made.Name, made.State.Status, made.State.Pid));
        Assert.Equal("yes", made.Config.Labels!["tracekit"]);
        Assert.DoesNotContain(await Engine.ListAsync(all: false, None), c => c.Id == id);
        Assert.Contains(await Engine.ListAsync(all: true, None), c => c.Id == id && c.Names.Contains("/" + name) && c.State == "created");

        Assert.True(await Engine.StartAsync(name, None));
        Assert.Equal(7, await Engine.WaitAsync(name, None).WaitAsync(Limit));
        var ended = await Engine.InspectAsync(id[..12], None);
        Assert.Equal(("exited", 7, false), (ended.State.Status, ended.State.ExitCode, ended.State.Running));
        Assert.True(ended.State.StartedAt > DateTimeOffset.UnixEpoch && ended.State.FinishedAt > DateTimeOffset.UnixEpoch);

        var written = await LogsAsync(name, follow: false);
        Assert.Equal(("out\n", "err\n"), (written[LogSource.Output], written[LogSource.Error]));

        await Engine.RemoveAsync(name, force: false, None);
        Assert.Equal(EngineFault.NoSuchContainer, (await Fails(() => Engine.InspectAsync(name, None))).Fault);
    }

    [Fact]
    public async Task Logs_are_followed_to_the_end()
    {
        var name = await docker.RunAsync("for i in 1 2 3; do echo $i; done; head -c 300000 /dev/zero");
        var written = await LogsAsync(name, follow: true);
        Assert.StartsWith("1\n2\n3\n", written[LogSource.Output], StringComparison.Ordinal);
        Assert.Equal(300_006, written[LogSource.Output].Length);
    }

    [Fact]
    public async Task Start_and_stop_say_whether_they_changed_anything()
    {
        var name = await docker.RunAsync("trap 'exit 3' TERM; while :; do sleep 0.05; done");
        Assert.False(await Engine.StartAsync(name, None));
        Assert.True(await Engine.StopAsync(name, TimeSpan.FromSeconds(20), None));
        Assert.False(await Engine.StopAsync(name, TimeSpan.FromSeconds(20), None));
        Assert.Contains((await Engine.InspectAsync(name, None)).State.ExitCode, new[] { 3, 143 });
    }

    [Fact]
    public async Task A_killed_container_ends_with_128_and_the_signal()
    {
        var name = await docker.RunAsync("sleep 600");
        var end = Engine.WaitAsync(name, None);
        await Engine.KillAsync(name, 9, None);
        Assert.Equal(137, await end.WaitAsync(Limit));
        var again = await Fails(() => Engine.KillAsync(name, 9, None));
        Assert.Equal(EngineFault.Conflict, again.Fault);
        AssertOneLine(again, name);
    }

    [Fact]
    public async Task A_paused_container_uses_no_cpu_time()
    {
        var name = await docker.RunAsync("while :; do :; done");
        var pid = (await Engine.InspectAsync(name, None)).State.Pid;
        await Engine.PauseAsync(name, None);
        Assert.True((await Engine.InspectAsync(name, None)).State.Paused);
        Assert.Equal(EngineFault.Conflict, (await Fails(() => Engine.PauseAsync(name, None))).Fault);
        Assert.True(Linux.CpuClock.TryReadNs(pid, out var before));
        var until = Environment.TickCount64 + 50;
        while (Environment.TickCount64 < until)
        {
            Thread.SpinWait(1000);
        }

        Assert.True(Linux.CpuClock.TryReadNs(pid, out var after));
        Assert.Equal(before, after);
        await Engine.UnpauseAsync(name, None);
        Assert.False((await Engine.InspectAsync(name, None)).State.Paused);
        await Eventually.Holds(() => Linux.CpuClock.TryReadNs(pid, out var now) && now > after);
        Assert.NotEqual(default, (await Fails(() => Engine.UnpauseAsync(name, None))).Message);
        await Engine.RemoveAsync(name, force: true, None);
    }

    [Fact]
    public async Task Limits_hold_from_the_start_and_change_while_it_runs()
    {
        var name = docker.NewName();
        await Engine.CreateAsync(
            DockerEngine.Shell("sleep 600", name) with { Limits = new ContainerLimits { CpuSet = "0", CpuQuotaPercent = 150, CpuWeight = 200 } }, None);
        await Engine.StartAsync(name, None);
        var first = await Engine.InspectAsync(name, None);
        Assert.Equal(("0", 150_000, 100_000, 2048), LimitsOf(first));
        Assert.Equal("0", Linux.CpuAffinity.Of(first.State.Pid)!.ToString());

        await Engine.UpdateAsync(name, new ContainerLimits { CpuQuotaPercent = 25 }, None);
        Assert.Equal(("0", 25_000, 100_000, 2048), LimitsOf(await Engine.InspectAsync(name, None)));
        Assert.Equal("25000", Quota(first.State.Pid));

        await Engine.UpdateAsync(name, new ContainerLimits { CpuQuotaPercent = 0, CpuWeight = 50 }, None);
        Assert.Equal(512, (await Engine.InspectAsync(name, None)).HostConfig.CpuShares);
        Assert.Contains(Quota(first.State.Pid), new[] { "-1", "max" });

        var refused = await Fails(() => Engine.UpdateAsync(name, new ContainerLimits { CpuSet = "4000" }, None));
        AssertOneLine(refused, "4000");
        await Engine.RemoveAsync(name, force: true, None);
    }

    [Fact]
    public async Task A_name_is_given_once_and_an_image_must_be_there()
    {
        var name = docker.NewName();
        await Engine.CreateAsync(DockerEngine.Shell("true", name), None);
        var taken = await Fails(() => Engine.CreateAsync(DockerEngine.Shell("true", name), None));
        Assert.Equal(EngineFault.Conflict, taken.Fault);
        AssertOneLine(taken, name);
        var missing = await Fails(() => Engine.CreateAsync(new ContainerRequest("nobody/has-this:1"), None));
        Assert.Equal(EngineFault.NoSuchImage, missing.Fault);
        AssertOneLine(missing, "nobody/has-this:1");
        var program = await Fails(() => RunProgramAsync("/not/there"));
        AssertOneLine(program, "/not/there");
    }

    [Fact]
    public async Task A_running_container_is_removed_only_by_force()
    {
        var name = await docker.RunAsync("sleep 600");
        Assert.Equal(EngineFault.Conflict, (await Fails(() => Engine.RemoveAsync(name, force: false, None))).Fault);
        await Engine.RemoveAsync(name, force: true, None);
    }

    [Fact]
    public async Task A_wait_ends_when_somebody_else_removes_the_container()
    {
        var name = await docker.RunAsync("sleep 600");
        var end = Engine.WaitAsync(name, None);
        using var other = await ContainerEngine.ConnectAsync(docker.Endpoint, None);
        await other.RemoveAsync(name, force: true, None);
        Assert.Equal(137, await end.WaitAsync(Limit));
        Assert.Equal(EngineFault.NoSuchContainer, (await Fails(() => Engine.StopAsync(name, TimeSpan.Zero, None))).Fault);
    }

    [Fact]
    public async Task A_wait_can_be_given_up()
    {
        var name = await docker.RunAsync("sleep 600");
        using var giveUp = new CancellationTokenSource();
        var end = Engine.WaitAsync(name, giveUp.Token);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => end);
        await Engine.RemoveAsync(name, force: true, None);
    }

    [Fact]
    public async Task An_image_is_saved_removed_and_loaded_again()
    {
        var id = await Engine.ImportImageAsync(DockerEngine.ImageTar(), "team/saved", "2", None);
        Assert.StartsWith("sha256:", id, StringComparison.Ordinal);
        Assert.Equal(id, (await Engine.InspectImageAsync("team/saved:2", None)).Id);
        using var tar = new MemoryStream();
        await Engine.ExportImageAsync("team/saved:2", tar, None);
        await Engine.RemoveImageAsync("team/saved:2", None);
        Assert.Equal(EngineFault.NoSuchImage, (await Fails(() => Engine.InspectImageAsync("team/saved:2", None))).Fault);
        tar.Position = 0;
        Assert.Contains(await Engine.LoadImageAsync(tar, None), said => said.Contains("team/saved:2", StringComparison.Ordinal));
        Assert.Equal(id, (await Engine.InspectImageAsync("team/saved:2", None)).Id);
    }

    [Fact]
    public async Task What_is_no_image_is_refused_in_one_line()
    {
        using var rubbish = new MemoryStream(Encoding.ASCII.GetBytes(new string('x', 4096)));
        AssertOneLine(await Fails(() => Engine.LoadImageAsync(rubbish, None)), "load image");
    }

    [Fact]
    public async Task Events_tell_of_a_life()
    {
        var name = docker.NewName();
        var since = DateTimeOffset.UtcNow.AddSeconds(-1);
        await docker.RunAsync("exit 5", name);
        await Engine.WaitAsync(name, None).WaitAsync(Limit);
        await Engine.RemoveAsync(name, force: true, None);
        var seen = new List<EngineEvent>();
        using var limit = new CancellationTokenSource(Limit);
        await foreach (var happened in Engine.EventsAsync(name, since, limit.Token))
        {
            seen.Add(happened);
            if (happened.Action == "destroy")
            {
                break;
            }
        }

        Assert.Equal(["create", "start", "die", "destroy"], seen.Select(e => e.Action).Where(a => a is "create" or "start" or "die" or "destroy"));
        Assert.Equal("5", seen.Single(e => e.Action == "die").Actor.Attributes!["exitCode"]);
        Assert.All(seen, e => Assert.Equal(name, e.Actor.Attributes!["name"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("../images/json")]
    [InlineData("a/../b")]
    [InlineData("a?force=1")]
    [InlineData("a\n")]
    [InlineData("a b")]
    [InlineData("%2e%2e")]
    public async Task A_name_that_is_none_is_never_sent(string name) =>
        await Assert.ThrowsAsync<UsageException>(() => Engine.InspectAsync(name, None));

    [Theory]
    [InlineData("")]
    [InlineData("../containers")]
    [InlineData("a/../../b")]
    [InlineData("a/./b")]
    [InlineData("a//b")]
    [InlineData("a?x")]
    public async Task An_image_that_is_none_is_never_sent(string image) =>
        await Assert.ThrowsAsync<UsageException>(() => Engine.InspectImageAsync(image, None));

    private async Task RunProgramAsync(string program)
    {
        var name = docker.NewName();
        await Engine.CreateAsync(DockerEngine.Shell("", name) with { Command = [program] }, None);
        await Engine.StartAsync(name, None);
    }

    internal static async Task<EngineException> Fails(Func<Task> call) => await Assert.ThrowsAsync<EngineException>(call);

    internal static void AssertOneLine(Exception e, string part)
    {
        Assert.DoesNotContain('\n', e.Message);
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
    }

    private static (string Cores, long Quota, long Period, long Shares) LimitsOf(ContainerDetails d) =>
        (d.HostConfig.CpusetCpus, d.HostConfig.CpuQuota, d.HostConfig.CpuPeriod, d.HostConfig.CpuShares);

    // What the kernel has, in whichever version of control groups.
    private static string Quota(int pid)
    {
        foreach (var group in Linux.ProcessCgroups.Of(pid))
        {
            foreach (var file in new[] { "cpu.cfs_quota_us", "cpu.max" }.Select(f => $"{group.Directory}/{f}").Where(File.Exists))
            {
                return File.ReadAllText(file).Split(' ', '\n')[0];
            }
        }

        return "no cpu controller";
    }

    private async Task<Dictionary<LogSource, string>> LogsAsync(string name, bool follow)
    {
        var text = new Dictionary<LogSource, StringBuilder> { [LogSource.Output] = new(), [LogSource.Error] = new() };
        using var limit = new CancellationTokenSource(Limit);
        await foreach (var frame in Engine.LogsAsync(name, follow, limit.Token))
        {
            text[frame.Source].Append(Encoding.Latin1.GetString(frame.Bytes.Span));
        }

        return text.ToDictionary(p => p.Key, p => p.Value.ToString());
    }
}
