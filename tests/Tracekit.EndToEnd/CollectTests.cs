using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.EndToEnd;

/// <summary>A collector in the background: one for each run and node, and never a foreign process harmed.</summary>
public sealed class CollectTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public CollectTests()
    {
        // A registry of the test's own: other collectors of this user are none of its business.
        Directory.CreateDirectory(_workspace.File("runtime"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _workspace.Tracekit.Environment["XDG_RUNTIME_DIR"] = _workspace.File("runtime");
    }

    public void Dispose()
    {
        _workspace.Tracekit.Run("collect", "stop", "--all");
        _workspace.Dispose();
    }

    [Fact]
    public void Started_asked_and_stopped_it_leaves_a_node_directory()
    {
        var started = _workspace.Tracekit.Succeed("collect", "start", "--run-id", "r", "--node-id", "n1", "--vm-ip", "127.0.0.1", "--proc-sampling", "--host-interval-ms", "50", "--interval-ms", "20");
        Assert.Contains("interval  processes 20 ms, host 50 ms", started.Output, StringComparison.Ordinal);
        Assert.Contains("file      logs/r/proc_metrics.jsonl", started.Output, StringComparison.Ordinal);
        Assert.Empty(started.Error);
        var pid = CollectorPid("r");
        Assert.Equal(pid, SessionOf(pid));
        File.WriteAllText(_workspace.File($"logs/r/pids/{Environment.ProcessId}"), "");
        Wait.Until(() => Status("r") is { } s && s.GetProperty("status").GetProperty("processes").GetInt64() == 1);
        var status = Status("r")!.Value;
        Assert.Equal("running", status.GetProperty("state").GetString());
        Assert.True(status.GetProperty("status").GetProperty("samples").GetInt64() > 0);
        Assert.Contains("running   ", _workspace.Tracekit.Succeed("collect", "status").Output, StringComparison.Ordinal);

        _workspace.Tracekit.Succeed("collect", "stop", "--run-id", "r");

        Assert.Null(ProcPidStat.Read(pid) is { HasExited: false } ? "still running" : null);
        Assert.Equal("stopped", Status("r")!.Value.GetProperty("state").GetString());
        Assert.False(File.Exists(_workspace.Run("r").CollectorPid));
        Assert.Empty(Directory.GetFiles(_workspace.File("runtime/tracekit")));
        using var node = JsonDocument.Parse(File.ReadAllText(_workspace.Run("r").NodeMeta));
        Assert.Equal("lo", node.RootElement.GetProperty("iface").GetString());
        Assert.True(node.RootElement.TryGetProperty("system_clock_synchronised", out _));
        using var link = JsonDocument.Parse(File.ReadAllText(_workspace.Run("r").LinkMeta));
        Assert.Equal(0, link.RootElement.GetProperty("BW_bps").GetInt64());
        Assert.InRange(link.RootElement.GetProperty("PR_s").GetDouble(), 1e-9, 0.5);
        foreach (var file in (string[])[_workspace.Run("r").Resources, _workspace.Run("r").Links, _workspace.Run("r").ProcMetrics])
        {
            Assert.All(File.ReadAllLines(file), l => JsonDocument.Parse(l).Dispose());
            Assert.EndsWith("}\n", File.ReadAllText(file), StringComparison.Ordinal);
        }

        Assert.Contains("no collector", _workspace.Tracekit.Succeed("collect", "stop", "--run-id", "r").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_start_is_refused_and_harms_nothing()
    {
        _workspace.Tracekit.Succeed("collect", "start", "--run-id", "r");
        var pid = CollectorPid("r");

        var second = _workspace.Tracekit.Run("collect", "start", "--run-id", "r");

        Assert.Equal(1, second.ExitCode);
        Assert.Contains("already", Assert.Single(second.Error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(pid, CollectorPid("r"));
        Assert.Equal("running", Status("r")!.Value.GetProperty("state").GetString());
    }

    [Fact]
    public void A_killed_one_leaves_readable_files_and_is_followed_by_the_next()
    {
        _workspace.Tracekit.Succeed("collect", "start", "--run-id", "r", "--host-interval-ms", "20");
        var first = CollectorPid("r");
        Wait.Until(() => File.ReadAllLines(_workspace.Run("r").Resources).Length > 4);

        Signals.Send(first, Signals.Kill);
        Wait.Until(() => Status("r")!.Value.GetProperty("state").GetString() == "killed");
        _workspace.Tracekit.Succeed("collect", "start", "--run-id", "r", "--host-interval-ms", "20");

        Assert.NotEqual(first, CollectorPid("r"));
        Assert.Equal("running", Status("r")!.Value.GetProperty("state").GetString());
        _workspace.Tracekit.Succeed("collect", "stop", "--run-id", "r");
        Assert.All(File.ReadAllLines(_workspace.Run("r").Resources), l => JsonDocument.Parse(l).Dispose());
    }

    [Fact]
    public void A_recycled_pid_is_never_signalled()
    {
        using var foreign = Process.Start(new ProcessStartInfo("sleep", ["1000"]))!;
        try
        {
            var real = ProcPidStat.Read(foreign.Id)!.Value.StartTimeTicks;
            var boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
            _workspace.Write("logs/r/collector.pid", string.Create(CultureInfo.InvariantCulture, $"{foreign.Id} {real - 1} {boot}\n"));

            Assert.Contains("no collector", _workspace.Tracekit.Succeed("collect", "stop", "--run-id", "r").Output, StringComparison.Ordinal);
            Assert.Contains("no collector", _workspace.Tracekit.Succeed("collect", "stop", "--all").Output, StringComparison.Ordinal);
            Assert.False(foreign.HasExited);
            _workspace.Tracekit.Succeed("collect", "start", "--run-id", "r");
            Assert.NotEqual(foreign.Id, CollectorPid("r"));
        }
        finally
        {
            foreign.Kill();
        }
    }

    [Fact]
    public void Stop_all_ends_every_collector_also_of_other_directories()
    {
        _workspace.Tracekit.Succeed("collect", "start", "--run-id", "a");
        _workspace.Tracekit.Succeed("collect", "start", "--run-id", "b", "--node-id", "n1", "--per-node");
        _workspace.Tracekit.Succeed("collect", "start", "--run-id", "c", "--logs", "elsewhere");
        _workspace.Tracekit.Environment["STOP_ALL"] = "1";

        var stopped = _workspace.Tracekit.Succeed("collect", "stop");

        Assert.Equal(3, stopped.Output.Split('\n').Count(l => l.StartsWith("stopped", StringComparison.Ordinal)));
        Assert.True(File.Exists(_workspace.File("logs/b/n1/node_meta.json")));
        Assert.Contains("no collector", _workspace.Tracekit.Succeed("collect", "status").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void In_the_foreground_a_signal_ends_it_in_good_order()
    {
        using var running = _workspace.Tracekit.Start("collect", "run", "--run-id", "r", "--host-interval-ms", "20");
        Wait.Until(() => File.Exists(_workspace.Run("r").Resources) && File.ReadAllLines(_workspace.Run("r").Resources).Length > 4);

        Signals.Send(running.Pid, Signals.Terminate);
        var ended = running.End();

        Assert.Equal(0, ended.ExitCode);
        Assert.Equal("stopped", Status("r")!.Value.GetProperty("state").GetString());
        Assert.All(File.ReadAllLines(_workspace.Run("r").Resources), l => JsonDocument.Parse(l).Dispose());
    }

    [Theory]
    [InlineData("--proc-match", "(")]
    [InlineData("--proc-match", "(a)\\1")]
    [InlineData("--vm-ip", "1")]
    [InlineData("--vm-ip", "host.example")]
    [InlineData("--iface", "../x")]
    [InlineData("--iface", "nosuch0")]
    [InlineData("--ntp-pool", "-x")]
    [InlineData("--cgroup", "/tmp")]
    [InlineData("--pid", "999999999")]
    [InlineData("--host-interval-ms", "0")]
    [InlineData("--energy-file", "/nosuch")]
    [InlineData("--run-id", "../r")]
    public void What_is_asked_wrongly_is_told_in_one_line(string flag, string value)
    {
        var ended = _workspace.Tracekit.Run(flag == "--run-id" ? ["collect", "start", flag, value] : ["collect", "start", "--run-id", "r", flag, value]);

        Assert.Equal(2, ended.ExitCode);
        Assert.StartsWith("tracekit: ", Assert.Single(ended.Error.Trim().Split('\n')), StringComparison.Ordinal);
        Assert.Contains("no collector", _workspace.Tracekit.Succeed("collect", "status").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_full_disk_the_start_fails_in_one_line()
    {
        Directory.CreateDirectory(_workspace.File("logs"));
        var script = $"mount -t tmpfs -o size=4k,nr_inodes=4 tracekit-full {_workspace.File("logs")} && exec \"$0\" \"$@\"";
        var program = new TracekitProgram(_workspace.Path) { Through = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script] };
        program.Environment["XDG_RUNTIME_DIR"] = _workspace.File("runtime");

        var ended = program.Run("collect", "start", "--run-id", "r");

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("No space left on device", Assert.Single(ended.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    // The collector holds a lock on the file, which File.ReadAllText would heed.
    private int CollectorPid(string runId)
    {
        using var file = HostFile.TryOpen(_workspace.Run(runId).CollectorPid)!;
        var text = new byte[256];
        return int.Parse(Encoding.ASCII.GetString(text, 0, file.Read(text)).Split(' ')[0], CultureInfo.InvariantCulture);
    }

    private JsonElement? Status(string runId)
    {
        using var report = JsonDocument.Parse(_workspace.Tracekit.Succeed("collect", "status", "--run-id", runId, "--json").Output);
        return report.RootElement.GetArrayLength() > 0 ? report.RootElement[0].Clone() : null;
    }

    // Field 6 of proc_pid_stat(5).
    private static int SessionOf(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[3], CultureInfo.InvariantCulture);
    }
}
