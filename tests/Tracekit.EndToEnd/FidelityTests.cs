using System.Globalization;
using System.Text.Json;
using Tracekit.Linux;
using Tracekit.Model;
using Tracekit.Parquet;

namespace Tracekit.EndToEnd;

/// <summary>The trace against the kernel, on real programs: what they used, when they began, and that no time is under no sample.</summary>
public sealed class FidelityTests : IDisposable
{
    private const string RunId = "fidelity";

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Ffmpeg() => Check(Trace("ffmpeg", "-v", "error", "-i", Video(), "-vf", "scale=320:180", "-c:v", "libx264", _workspace.File("out.mp4")), status: 0);

    [Fact]
    public void A_program_that_lives_5_ms() => Check(Trace("sleep", "0.005"), status: 0);

    [Fact]
    public void A_program_with_8_threads()
    {
        var text = _workspace.File("numbers");
        File.WriteAllLines(text, Enumerable.Range(0, 2_000_000).Select(i => (i * 7919L % 1_000_003).ToString(CultureInfo.InvariantCulture)));

        Check(Trace("sort", "--parallel=8", "-S", "200M", "-o", _workspace.File("sorted"), text), status: 0);
    }

    [Fact]
    public void A_program_that_forks_children()
    {
        const string Burn = "i=0; while [ $i -lt 150000 ]; do i=$((i+1)); done";

        var invocation = Trace("sh", "-c", $"sh -c '{Burn}' & sh -c '{Burn}' & wait; {Burn}");

        Check(invocation, status: 0);
        Assert.InRange(invocation.CpuChildrenMs!.Value, invocation.CpuTimeMs!.Value * 0.3, invocation.CpuTimeMs.Value);
        Assert.Contains("children", File.ReadAllText(_workspace.Run(RunId).Cts.AuditReport), StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_killed_by_a_signal() => Check(Trace("sh", "-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; kill -9 $$"), status: 137);

    [Fact]
    public void The_start_is_the_kernels_own_start_time()
    {
        var mark = _workspace.File("start");

        var invocation = Trace("sh", "-c", $"cut -d' ' -f22 /proc/$$/stat > {mark}");

        var clock = new RunClock(TimeProvider.System);
        var ticks = long.Parse(File.ReadAllText(mark), CultureInfo.InvariantCulture);
        var kernelMs = (clock.NowNs - CpuClock.BootTimeNs() + (ticks * Kernel.NsPerClockTick)) / RunClock.NsPerMs;

        // The kernel rounds its start time down to a tick of 10 ms, so that the truth lies in [kernelMs, kernelMs + 10).
        Assert.InRange(invocation.TsStart!.Value - kernelMs, -10, 20);
    }

    private string Video() => Directory.GetFiles(_workspace.Inputs(1))[0];

    private Invocation Trace(params string[] program)
    {
        _workspace.Tracekit.Run(["exec", "--run-id", RunId, "--interval-ms", "20", "--", .. program]);
        _workspace.Tracekit.Succeed("parse", "--run-id", RunId);
        _workspace.Tracekit.Succeed("export", "opendc", "--input", $"logs/{RunId}", "--output", "exported");
        _workspace.Tracekit.Succeed("verify", "opendc", "--input", "exported");
        return Assert.Single(_workspace.Invocations(RunId));
    }

    private void Check(Invocation invocation, int status)
    {
        Assert.Equal(status, invocation.Status);
        Assert.True(invocation.TsEnqueue <= invocation.TsStart && invocation.TsStart < invocation.TsEnd);

        using var audit = JsonDocument.Parse(File.ReadAllText(_workspace.Run(RunId).Cts.AuditJson));
        var task = Assert.Single(audit.RootElement.GetProperty("tasks").EnumerateArray());
        Assert.Equal(1, task.GetProperty("coverage").GetDouble());
        Assert.Equal(0, task.GetProperty("uncovered_ms").GetInt64());

        // The kernel's exit accounting is what wait4 said: user and system time, in µs.
        var kernelMs = invocation.CpuUserMs!.Value + invocation.CpuSystemMs!.Value;
        var (fragmentsMs, cpuMs) = Fragments();
        Assert.Equal(invocation.TsEnd - invocation.TsStart, fragmentsMs);
        Assert.InRange(cpuMs - kernelMs, -Math.Max(2, kernelMs * 0.005), Math.Max(2, kernelMs * 0.005));
    }

    private (long DurationMs, double CpuMs) Fragments()
    {
        using var reader = ParquetReader.Open(_workspace.File("exported/fragments.parquet"));
        var durations = reader.ReadColumn<long>("duration");
        var usages = reader.ReadColumn<double>("cpu_usage");
        var mhz = JsonDocument.Parse(File.ReadAllText(_workspace.Run(RunId).Cts.Nodes)).RootElement[0].GetProperty("cpu_freq_mhz").GetDouble();
        return (durations.Sum(), durations.Zip(usages, (d, u) => d * u / mhz).Sum());
    }
}
