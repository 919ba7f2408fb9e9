using Tracekit.Cli.Display;
using Tracekit.Cli.Options;
using Tracekit.Collect;
using Tracekit.Launch;
using Tracekit.Linux;
using Tracekit.Model;
using Tracekit.Schedule;
using Tracekit.Trace.OpenDc;
using Tracekit.Trace.Parse;
using Tracekit.Trace.Verify;

namespace Tracekit.Cli.Run;

/// <summary>
/// The main job: dispatcher, scheduler, worker and collector in one process over an in-process queue, then parse, audit, export and verify.
/// </summary>
/// <param name="options">What is asked for.</param>
/// <param name="interrupt">Ends the run in good order.</param>
internal sealed class MainJob(MainJobOptions options, InterruptSignal interrupt)
{
    private const int Interrupted = 130;

    private readonly RunClock _clock = new(TimeProvider.System);
    private volatile bool _isConcluding;
    private int _ranElsewhere;

    /// <summary>Runs it.</summary>
    /// <exception cref="UsageException">It cannot be: no ffmpeg, no inputs, a run is there already, a task that fits nowhere. Nothing was started.</exception>
    /// <exception cref="TracekitException">It failed as a whole, for example because the log directory cannot be written.</exception>
    public async Task<RunReport> RunAsync()
    {
        const string HowToInstall = "install ffmpeg (Debian, Ubuntu: apt-get install ffmpeg)";
        Executable.Require(FfmpegCommand.Program, HowToInstall);
        RefuseExistingRun();
        var tasks = TaskPlan.Make(options.Plan);
        Admission.Check(tasks, [options.Worker.ToRegistration().CapacityUnits]);
        using var guard = ProcessGroupGuard.Start();
        interrupt.Again += () => OnSecondSignal(guard);
        if (DispatchOrder.NeedsDurations(options.Dispatch.Policy))
        {
            Executable.Require("ffprobe", HowToInstall);
            var probe = new FfprobeMediaProbe(new Launch.ProgramRunner(guard.Group));
            tasks = await InputDurations.ProbeAsync(tasks, probe, interrupt.Token).ConfigureAwait(false);
        }

        var runId = options.RunId ?? RunIdentity.MakeFreshRun(options.Logs);
        var job = new RunDirectory(Path.Combine(options.Logs, runId));
        var node = options.Node with { RunId = runId };
        var (invocations, collector) = await ExecuteAsync(job, node, tasks, guard).ConfigureAwait(false);
        _isConcluding = true;
        return Conclude(job, runId, tasks.Count, invocations, collector);
    }

    // The first signal ends the run in good order. Whoever sends another wants it faster: no more patience with programs, and none with the files,
    // which are whole or not there.
    private void OnSecondSignal(ProcessGroupGuard guard)
    {
        if (_isConcluding)
        {
            Environment.Exit(Interrupted);
        }

        guard.Send(Signals.Kill);
    }

    private void RefuseExistingRun()
    {
        var path = Path.Combine(options.Logs, options.RunId ?? "");
        if (options.RunId is not null && Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
        {
            throw new UsageException($"{path} holds a run already: choose another --run-id, or move it away");
        }
    }

    private async Task<(IReadOnlyCollection<Invocation> Invocations, CollectorReport Collector)> ExecuteAsync(
        RunDirectory job, NodeMeta node, IReadOnlyList<TaskSpec> tasks, ProcessGroupGuard guard)
    {
        using var recorder = new RunRecorder(job, FfmpegCommand.Program);
        NodeMetaFile.WriteIfMissing(job, node);
        var usage = new LiveUsage();
        using var collector = new ProcessCollector(job.Pids, recorder.Samples, _clock, options.SampleInterval, usage.Observe);
        await using var display = RunDisplay.Start(node.RunId!, usage, _clock);

        var binding = CpuBackEnd.Choose();
        using var cpu = binding.Controller;
        display.Say(binding.Line);
        var launcher = new Launcher(recorder, node.Node!, node.Stage!, _clock, guard.Group);
        var ledger = new InvocationLedger(new ProcessTaskRunner(launcher, cpu, TaskGuard.None, job.TaskLogs, display.Say));
        await using var redis = await ConnectAsync(node.RunId!, tasks.Count, display).ConfigureAwait(false);
        var describedNode = node with { SampleIntervalMs = (long)options.SampleInterval.TotalMilliseconds };
        await using var time = await ServerTime
            .KeepAsync(redis, _clock, offset => NodeMetaFile.Write(job, describedNode with { Clock = offset }), display.Say, interrupt.Token).ConfigureAwait(false);
        IControlPlane control = redis is not null ? redis : new InProcessControlPlane();
        var run = new LocalRun(
            control,
            new Dispatcher(options.Dispatch, control, _clock, TimeProvider.System),
            new CentralScheduler(control, options.Weigher, display.Say),
            [new Worker(options.Worker with { CpuLimitCores = cpu.LimitCores }, control, ledger, _clock, display.Say)]);
        display.Follow(run);
        var end = await run.RunAsync(tasks, interrupt.Token, interrupt.Token).ConfigureAwait(false);
        _ranElsewhere = redis is null ? 0 : Math.Max(0, (int)(end.Succeeded + end.Failed + end.HandedOver) - ledger.All.Count);

        // What tasks left running in the background ends with the run.
        guard.Dispose();
        collector.Dispose();
        if (collector.Trouble is { } trouble)
        {
            display.Say($"the collector lost its whitelist: {trouble}");
        }

        if (recorder.WriteError is { } error)
        {
            display.Say($"{recorder.UnwrittenCount} invocations are not recorded: {error}");
        }

        return (ledger.All, new CollectorReport(collector.Counts, recorder.Samples.DroppedCount, recorder.Samples.DropReason));
    }

    private async Task<RedisControlPlane?> ConnectAsync(string runId, int total, RunDisplay display)
    {
        if (options.Redis is not { } redis)
        {
            return null;
        }

        var control = await RedisControlPlane.ConnectAsync(redis with { DispatchId = runId, Report = display.Say }, interrupt.Token).ConfigureAwait(false);
        await control.BeginDispatchAsync(total, interrupt.Token).ConfigureAwait(false);
        return control;
    }

    private RunReport Conclude(RunDirectory job, string runId, int taskCount, IReadOnlyCollection<Invocation> invocations, CollectorReport collector)
    {
        var report = Summarise(runId, taskCount, invocations, collector);
        var files = new List<string> { job.Path };
        using var progress = new StepProgress();
        var parsed = RunParser.Parse(job, new ParseOptions(), progress);
        files.Add(job.Cts.Path);
        report = report with { Audit = parsed.Audit.Verdict, Findings = parsed.Audit.Findings, Files = files };
        if (parsed.Invocations == 0)
        {
            return report;
        }

        var exportDirectory = options.ExportDirectory ?? Path.Combine("opendc_traces", runId);
        var export = OpenDcExporter.Export([job], exportDirectory, new ExportOptions { TaskIdMode = options.TaskIdMode }, progress);
        var verified = OpenDcVerifier.Verify(exportDirectory);
        files.Add(exportDirectory);
        return report with { Export = export, VerifyFaults = [.. verified.Faults.Where(f => f.Severity == VerifySeverity.Error).Select(f => f.Message)] };
    }

    private RunReport Summarise(string runId, int taskCount, IReadOnlyCollection<Invocation> invocations, CollectorReport collector)
    {
        var succeeded = invocations.Count(i => i.Status == 0);
        var makespanMs = invocations.Count == 0 ? 0 : invocations.Max(i => i.TsEnd!.Value) - invocations.Min(i => i.TsEnqueue!.Value);
        return new RunReport
        {
            RunId = runId,
            Node = options.Node.Node!,
            Interrupted = interrupt.Count > 0,
            Tasks = taskCount,
            Succeeded = succeeded,
            Failed = invocations.Count - succeeded,
            RanElsewhere = _ranElsewhere,
            NotRun = taskCount - invocations.Count - _ranElsewhere,
            MakespanMs = makespanMs,
            ThroughputPerHour = makespanMs > 0 ? succeeded * 3_600_000.0 / makespanMs : 0,
            Profiles = [.. invocations.GroupBy(i => i.Profile ?? "").OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => ProfileReport.Of(g.Key, [.. g]))],
            Failures =
            [
                .. invocations.Where(i => i.Status != 0).Take(RunReport.MaxFailures)
                    .Select(i => new FailureReport(i.Input, i.Output, i.Profile, i.Status, i.Error)),
            ],
            Collector = collector,
        };
    }
}
