using System.Globalization;
using Tracekit.Launch;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>Runs each task as a process of its own, through the adapter: ffmpeg, or the task's own command where the guard lets it.</summary>
/// <param name="launcher">Starts and records programs.</param>
/// <param name="cpu">Limits their CPU time.</param>
/// <param name="guard">Says what a task may run, read and write.</param>
/// <param name="taskLogs">Directory for what the programs print: one file a task.</param>
/// <param name="report">Takes one line for each task that failed, or whose limits could not be applied.</param>
public sealed class ProcessTaskRunner(Launcher launcher, ICpuController cpu, TaskGuard guard, string taskLogs, Action<string> report) : ITaskRunner
{
    /// <summary>How long a program that is asked to end (SIGTERM) may take before it is killed.</summary>
    public static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);

    private int _limitsReported;

    /// <inheritdoc/>
    public async Task<Invocation> RunAsync(TaskSpec task, TaskPlacement placement, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (guard.FaultOf(task) is { } fault)
        {
            report($"task {Name(task)} refused: {fault}");
            return launcher.Refuse(Describe(task), fault);
        }

        var arguments = task.Command is { } command ? [.. command.Skip(1)] : FfmpegCommand.Arguments(task);
        using var limits = TaskLimits.Make(cpu, placement);
        ReportOnce(task, limits.Fault);
        var log = LogOf(task);
        var program = launcher.Start(limits.Apply(Describe(task) with
        {
            Arguments = arguments,
            LogPath = log,
            Files = task.Command is null
                ? new DataFiles(task.Input, FfmpegCommand.PlainFile(task.Output), arguments.Count - 1)
                : DataFilesOf.Named(NullIfEmpty(task.Input), NullIfEmpty(task.Output), arguments),
        }));
        placement.Started(program.Pid, program.StartedNs / RunClock.NsPerMs);
        await using var end = cancellation.Register(() => _ = EndAsync(program)).ConfigureAwait(false);
        var invocation = await program.Completion.ConfigureAwait(false);
        ReportOnce(task, placement.ShareFault);
        if (invocation.Status != 0 && !cancellation.IsCancellationRequested)
        {
            report($"task {Name(task)} failed with status {invocation.Status}: {invocation.Error ?? LastLine(log)}");
        }

        return invocation;
    }

    /// <inheritdoc/>
    public Task<Invocation> RefuseAsync(TaskSpec task, string node, string reason, CancellationToken cancellation) =>
        Task.FromResult(launcher.Refuse(Describe(task), reason));

    private static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;

    private static async Task EndAsync(RunningProgram program)
    {
        program.Send(Signals.Terminate);
        try
        {
            await program.Completion.WaitAsync(EndPatience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            program.Send(Signals.Kill);
        }
    }

    private static LaunchRequest Describe(TaskSpec task) => new()
    {
        Program = task.Command is [var program, ..] ? program : FfmpegCommand.Program,
        Arguments = [],
        Files = new DataFiles(NullIfEmpty(task.Input), NullIfEmpty(task.Output)),
        TsEnqueueMs = task.TsEnqueue,
        TraceId = Guid.TryParse(task.TraceId, out var id) ? id.ToString() : null,
        InstanceId = task.UnitName,
        Profile = task.Profile,
        CpuUnits = task.CpuUnits,
    };

    // Sharing is then as fair as the kernel makes it by itself, which for one program a task is by thread.
    private void ReportOnce(TaskSpec task, string? fault)
    {
        if (fault is not null && Interlocked.Exchange(ref _limitsReported, 1) == 0)
        {
            report($"task {Name(task)}, and perhaps others, without its CPU quota and weight: {fault}");
        }
    }

    private string LogOf(TaskSpec task) =>
        Path.Combine(taskLogs, (task.Seq is { } seq ? seq.ToString("0000", CultureInfo.InvariantCulture) : Guid.NewGuid().ToString()) + ".log");

    private static string LastLine(string log)
    {
        const int TailBytes = 4096;
        try
        {
            using var file = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            file.Seek(-Math.Min(TailBytes, file.Length), SeekOrigin.End);
            var last = new StreamReader(file).ReadToEnd().Split((char[])['\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
            return $"{Printable.Line(last ?? "it printed nothing")} (all of it: {log})";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"no log: {e.Message}";
        }
    }

    private static string Name(TaskSpec task) => $"{task.Seq} ({Printable.Line(Path.GetFileName(task.Input))}, {task.Profile})";
}
