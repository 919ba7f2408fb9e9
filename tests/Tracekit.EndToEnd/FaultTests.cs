using System.Globalization;
using System.Text.Json;
using Tracekit.Linux;

namespace Tracekit.EndToEnd;

/// <summary>What goes wrong in the middle: nothing recorded is lost, nothing is left behind.</summary>
public sealed class FaultTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void A_corrupt_video_among_good_ones_is_recorded_and_the_run_goes_on()
    {
        var inputs = _workspace.Inputs(2);
        _workspace.Write("inputs/a_corrupt.mp4", "this is no video");

        var ended = _workspace.Tracekit.Run("run", "--inputs", inputs, "--run-id", "r", "--json");

        Assert.Equal(1, ended.ExitCode);
        using var report = JsonDocument.Parse(ended.Output);
        Assert.Equal(2, report.RootElement.GetProperty("succeeded").GetInt32());
        var failed = Assert.Single(_workspace.Invocations("r"), i => i.Status != 0);
        Assert.Equal("a_corrupt.mp4", failed.Input);
        Assert.Contains("a_corrupt.mp4", ended.Error, StringComparison.Ordinal);
        Assert.Contains("Invalid data", ended.Error, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFileSystemEntries(_workspace.File("outputs")).Length);
        Assert.Equal("pass", report.RootElement.GetProperty("audit").GetString());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(15)]
    public void Interrupted_in_the_middle_it_ends_its_children_parses_what_is_there_and_exits_130(int signal)
    {
        using var running = StartLongRun();

        Signals.Send(running.Pid, signal);
        var ended = running.End();

        Assert.Equal(130, ended.ExitCode);
        using var report = JsonDocument.Parse(ended.Output);
        Assert.True(report.RootElement.GetProperty("interrupted").GetBoolean());
        Assert.True(report.RootElement.GetProperty("not_run").GetInt32() > 0);
        Assert.NotEmpty(_workspace.Invocations("r"));
        Assert.True(File.Exists(_workspace.Run("r").Cts.Invocations));
        Assert.Empty(ProcessesOfTheRun());
        Assert.Empty(Directory.GetFileSystemEntries(_workspace.File("outputs"), "*.partial*", new EnumerationOptions { AttributesToSkip = 0 }));
    }

    [Fact]
    public void Killed_in_the_middle_it_leaves_no_child_and_a_run_that_parses()
    {
        using var running = StartLongRun();

        Signals.Send(running.Pid, Signals.Kill);
        running.End();

        Wait.Until(() => ProcessesOfTheRun().Count == 0);
        var parsed = _workspace.Tracekit.Succeed("parse", "--run-id", "r");
        Assert.Contains("tasks", parsed.Output, StringComparison.Ordinal);
        Assert.Contains("unfinished", File.ReadAllText(_workspace.Run("r").Cts.AuditReport), StringComparison.Ordinal);
    }

    [Fact]
    public void Killed_it_takes_with_it_what_its_program_forked()
    {
        var mark = _workspace.File("grandchild");
        using var running = _workspace.Tracekit.Start("exec", "--run-id", "r", "--", "sh", "-c", $"sleep 1000 & echo $! > {mark}; wait");
        Wait.Until(() => File.Exists(mark) && File.ReadAllText(mark).EndsWith('\n'));
        var grandchild = int.Parse(File.ReadAllText(mark), CultureInfo.InvariantCulture);

        Signals.Send(running.Pid, Signals.Kill);
        running.End();

        Wait.Until(() => ProcPidStat.Read(grandchild) is null or { State: 'Z' });
    }

    [Fact]
    public async Task A_log_directory_on_a_full_disk_is_told_in_one_line_and_nothing_hangs()
    {
        // A file system of 16 KiB in a mount namespace of the test's own; the videos made go elsewhere and succeed.
        Directory.CreateDirectory(_workspace.File("logs"));
        var inputs = _workspace.Inputs(2);
        var script = $"mount -t tmpfs -o size=16k tracekit-full {_workspace.File("logs")} && exec \"$0\" \"$@\"";
        var program = Path.Combine(Repository.Root, "bin", "tracekit");
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            "unshare",
            ["--user", "--map-root-user", "--mount", "sh", "-c", script, program, "run", "--inputs", inputs, "--total", "4", "--interval-ms", "5", "--run-id", "r"])
        {
            WorkingDirectory = _workspace.Path,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(1, process.ExitCode);
        Assert.Contains("No space left on device", error + await output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.Equal(4, Directory.GetFiles(_workspace.File("outputs")).Length);
    }

    private TracekitProgram.RunningTracekit StartLongRun()
    {
        var inputs = Directory.CreateDirectory(_workspace.File("inputs")).FullName;
        _workspace.Tracekit.Succeed("generate-inputs", "--output", inputs, "--count", "1", "--durations", "1", "--size", "320x180");
        _workspace.Tracekit.Succeed("generate-inputs", "--output", inputs, "--count", "2", "--durations", "20", "--size", "1280x720", "--fps", "10");
        var running = _workspace.Tracekit.Start(
            "run", "--inputs", inputs, "--preset", "veryslow", "--crf", "10", "--total", "6", "--run-id", "r", "--interval-ms", "20", "--json");

        // One task ended and another running.
        Wait.Until(() => File.Exists(_workspace.Run("r").EventsOf("ffmpeg")) && _workspace.Invocations("r").Count > 0 && ProcessesOfTheRun().Count > 0);
        return running;
    }

    private List<int> ProcessesOfTheRun() =>
    [
        .. Directory.GetDirectories("/proc")
            .Select(d => int.TryParse(Path.GetFileName(d), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0 && IsFfmpegOfThisTest(pid)),
    ];

    private bool IsFfmpegOfThisTest(int pid)
    {
        try
        {
            var commandLine = File.ReadAllText($"/proc/{pid}/cmdline");
            return commandLine.StartsWith("ffmpeg\0", StringComparison.Ordinal) && commandLine.Contains(_workspace.Path, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
