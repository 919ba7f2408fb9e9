using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Tracekit.Linux;

namespace Tracekit.EndToEnd;

/// <summary>A control plane and workers that reach each other over a network only, on real ffmpeg, from dispatch to a verified trace.</summary>
public sealed class SeveralHostsTests : IDisposable
{
    private const string Password = "not-to-be-seen-8261";

    private readonly Workspace _workspace = new();
    private readonly List<IDisposable> _started = [];
    private readonly List<string> _told = [];

    public SeveralHostsTests()
    {
        PasswordFile = Private("password", Password + "\n");
        _workspace.Tracekit.Succeed(
            "generate-inputs", "--output", _workspace.File("inputs"), "--count", "3", "--durations", "1", "--size", "320x180", "--seed", "1");
    }

    private string PasswordFile { get; }

    public void Dispose()
    {
        foreach (var one in Enumerable.Reverse(_started))
        {
            one.Dispose();
        }

        _workspace.Dispose();
    }

    [Fact]
    public void Forty_tasks_on_three_workers_end_in_one_verified_trace()
    {
        var hosts = Keep(new NetworkHosts(3));
        using var watch = new SecretWatch(Password);
        using var redis = StartRedis(hosts, $"port 6379\nbind {NetworkHosts.ControllerAddress}\n");
        string[] server = ["--redis", $"redis://{NetworkHosts.ControllerAddress}:6379/0", "--redis-password-file", PasswordFile];

        RunTasks(hosts, server, 40, [1, 2, 3]);

        var answered = hosts.Succeed(hosts.Controller, ("REDISCLI_AUTH", Password), "redis-cli", "-h", NetworkHosts.ControllerAddress, "HLEN", "tracekit:results");
        Assert.Equal("40", answered.Trim());
        redis.Stop();
        watch.AssertNeverSeen();
        AssertNothingIsLeft(hosts);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Over_TLS_the_same_and_a_server_of_another_authority_is_refused(bool inUserNamespace)
    {
        using var certificates = new TestCertificates(NetworkHosts.ControllerAddress);
        using var others = new TestCertificates(NetworkHosts.ControllerAddress);
        var hosts = Keep(new NetworkHosts(1, inUserNamespace));
        using var watch = new SecretWatch(Password);
        using var redis = StartRedis(
            hosts,
            $"port 0\nbind {NetworkHosts.ControllerAddress}\ntls-port 6380\ntls-auth-clients no\ntls-cert-file {certificates.CertificateFile}\n" +
            $"tls-key-file {certificates.KeyFile}\ntls-ca-cert-file {certificates.CaFile}\n");
        string[] server = ["--redis", $"rediss://{NetworkHosts.ControllerAddress}:6380/0", "--redis-password-file", PasswordFile, "--redis-ca-file"];

        RunTasks(hosts, [.. server, certificates.CaFile], 6, [1]);

        var refused = On(hosts, hosts.Worker(1)).Run(["status", .. server, others.CaFile]);
        _told.Add(refused.Error + refused.Output);
        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith("tracekit: ", refused.Error, StringComparison.Ordinal);
        Assert.Contains("TLS failed", refused.Error, StringComparison.Ordinal);
        Assert.Equal(1, refused.Error.Count(c => c == '\n'));
        redis.Stop();
        watch.AssertNeverSeen();
        AssertNothingIsLeft(hosts);
    }

    /// <summary>Dispatches, runs, waits, drains, parses, exports and verifies.</summary>
    private void RunTasks(NetworkHosts hosts, string[] server, int tasks, int[] workers)
    {
        var controller = On(hosts, hosts.Controller);
        var scheduler = Keep(controller.Start(["scheduler", "--weigher", "instances", .. server]));
        var running = workers.Select(i => Keep(On(hosts, hosts.Worker(i)).Start(
            [
                "worker", "--node-id", $"cloud{i}", "--run-id", "r", "--logs", _workspace.File("logs"), "--outputs", _workspace.File("outputs"),
                "--capacity-units", "2", "--interval-ms", "50", .. server,
            ]))).ToList();
        Tell(controller.Succeed(
            ["dispatch", "--inputs", _workspace.File("inputs"), "--outputs", _workspace.File("outputs"), "--mix", "light1c=1", "--total", $"{tasks}", "--seed", "7",
            "--pending", "--dispatch-id", "d", .. server]));

        var waited = Tell(controller.Succeed(["wait", "d", .. server]));
        Assert.Contains($"{tasks} of {tasks} tasks succeeded, 0 failed", waited.Output, StringComparison.Ordinal);
        using (var status = JsonDocument.Parse(Tell(controller.Succeed(["status", "--json", .. server])).Output))
        {
            var root = status.RootElement;
            Assert.Equal(tasks, root.GetProperty("succeeded").GetInt32());
            Assert.Equal(0, root.GetProperty("failed").GetInt32());
            Assert.Equal(0, root.GetProperty("rejected").GetInt32());
            Assert.Equal(0, root.GetProperty("pending").GetInt32());
            Assert.Equal(workers.Select(i => $"cloud{i}"), root.GetProperty("nodes").EnumerateArray().Select(n => n.GetProperty("node").GetString()));
            Assert.All(root.GetProperty("nodes").EnumerateArray(), n => Assert.Equal(2, n.GetProperty("capacity_free").GetInt32()));
        }

        running.ForEach(w => Signals.Send(w.Pid, Signals.Terminate));
        Assert.All(running, w => AssertDrained(Tell(w.End())));
        using (var status = JsonDocument.Parse(Tell(controller.Succeed(["status", "--json", .. server])).Output))
        {
            Assert.Empty(status.RootElement.GetProperty("nodes").EnumerateArray());
        }

        Signals.Send(scheduler.Pid, Signals.Terminate);
        Tell(scheduler.End());
        AssertOneRun(tasks, workers);
    }

    private void AssertOneRun(int tasks, int[] workers)
    {
        var ran = workers.Select(i => _workspace.Invocations($"r/cloud{i}").Count).ToList();
        Assert.All(ran, n => Assert.True(n > 0, $"a worker ran nothing: {string.Join(", ", ran)}"));
        Assert.Equal(tasks, ran.Sum());

        var parsed = Tell(_workspace.Tracekit.Succeed("parse", "logs/r")).Output;
        Assert.All(workers, i => Assert.Contains($"cloud{i}: ", parsed, StringComparison.Ordinal));
        Assert.Equal(workers.Length, parsed.Split("audit pass").Length - 1);
        using var exported = JsonDocument.Parse(Tell(_workspace.Tracekit.Succeed("export", "opendc", "--input", "logs/r", "--output", "exported", "--json")).Output);
        Assert.Equal(tasks, exported.RootElement.GetProperty("tasks").GetInt32());
        Assert.Equal(workers.Length, exported.RootElement.GetProperty("nodes").GetInt32());
        using var verified = JsonDocument.Parse(Tell(_workspace.Tracekit.Succeed("verify", "opendc", "--input", "exported", "--json")).Output);
        Assert.Equal(tasks, verified.RootElement.GetProperty("tasks").GetInt32());
        Assert.Empty(verified.RootElement.GetProperty("faults").EnumerateArray());
    }

    private void AssertNothingIsLeft(NetworkHosts hosts)
    {
        Assert.Equal("", hosts.Pids());
        Assert.Empty(SecretWatch.CommandLinesWith(_workspace.Path));
        hosts.Remove();
        Assert.Empty(hosts.Left());
        Assert.All(_told, t => Assert.DoesNotContain(Password, t, StringComparison.Ordinal));
        var secret = Encoding.UTF8.GetBytes(Password);
        string[] itsPlaces = [PasswordFile, _workspace.File("redis.conf")];
        Assert.All(
            Directory.GetFiles(_workspace.Path, "*", SearchOption.AllDirectories).Except(itsPlaces),
            f => Assert.True(File.ReadAllBytes(f).AsSpan().IndexOf(secret) < 0, $"{f} holds the password"));
    }

    private static void AssertDrained(Ended worker) => Assert.True(worker.ExitCode == 0, worker.Error);

    private TracekitProgram On(NetworkHosts hosts, string host) => new(_workspace.Path) { Through = hosts.On(host) };

    private RedisOnHost StartRedis(NetworkHosts hosts, string configuration)
    {
        var file = Private("redis.conf", $"{configuration}requirepass {Password}\nsave \"\"\nappendonly no\ndir {_workspace.Path}\nlogfile {_workspace.File("redis.log")}\n");
        var redis = new RedisOnHost([.. hosts.On(hosts.Controller), "redis-server", file]);
        Wait.Until(() => File.Exists(_workspace.File("redis.log")) && File.ReadAllText(_workspace.File("redis.log")).Contains("Ready to accept", StringComparison.Ordinal));
        return redis;
    }

    private string Private(string name, string text)
    {
        var path = _workspace.File(name);
        using var stream = new FileStream(
            path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        stream.Write(Encoding.UTF8.GetBytes(text));
        return path;
    }

    private Ended Tell(Ended ended)
    {
        _told.Add(ended.Output + ended.Error);
        return ended;
    }

    private T Keep<T>(T one)
        where T : IDisposable
    {
        _started.Add(one);
        return one;
    }

    /// <summary>A redis-server on one of the hosts.</summary>
    private sealed class RedisOnHost(string[] command) : IDisposable
    {
        private readonly Process _process = Process.Start(command[0], command[1..]);

        public void Stop()
        {
            Signals.Send(_process.Id, Signals.Terminate);
            Assert.True(_process.WaitForExit(TimeSpan.FromSeconds(30)));
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill();
                _process.WaitForExit();
            }

            _process.Dispose();
        }
    }
}
