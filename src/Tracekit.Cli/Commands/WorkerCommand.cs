using System.CommandLine;
using Tracekit.Cli.Options;
using Tracekit.Collect;
using Tracekit.Launch;
using Tracekit.Linux;
using Tracekit.Model;
using Tracekit.Schedule;

namespace Tracekit.Cli.Commands;

/// <summary><c>tracekit worker</c>: runs the tasks that this node is given, and traces them.</summary>
internal sealed class WorkerCommand : Command
{
    private const int Interrupted = 130;

    private readonly RedisConnectionFlags _redis = new(RedisConnectionFlags.RoleTimeoutS);
    private readonly RunIdentity _identity = new();
    private readonly WorkerFlags _worker = new();
    private readonly Option<string?> _inputs = Flag.Path("--inputs", "directory that inputs must be below; default: anywhere");
    private readonly Option<string[]> _allow = new("--allow") { Description = "a program that command tasks may run; may be given again", HelpName = "PROGRAM" };
    private readonly Option<bool> _resetCapacity = Flag.Switch("--reset-capacity", "set the free capacity to all of it, whatever the queue holds");
    private readonly Option<bool> _clearQueue = Flag.Switch("--clear-queue", "delete what is left in this node's queue; for tests");
    private readonly Option<double> _drainTimeoutS = Flag.Number("--drain-timeout", 600, 0, 86_400, "after SIGTERM: seconds that running tasks have to end");
    private readonly Option<int> _intervalMs = Flag.Whole("--interval-ms", 200, 1, 3_600_000, "time between two samples of a process, in ms", "PROC_INTERVAL_MS");

    public WorkerCommand()
        : base("worker", "run the tasks that this node is given, and trace them")
    {
        _worker.AddTo(this);
        foreach (Option option in (Option[])[_inputs, _allow, _resetCapacity, _clearQueue, _drainTimeoutS, _intervalMs])
        {
            Options.Add(option);
        }

        _redis.AddWithLeaseTo(this);
        _identity.AddTo(this);
        SetAction(Run);
    }

    private async Task<int> Run(ParseResult result, CancellationToken cancellation)
    {
        using var interrupt = InterruptSignal.Listen();
        var runId = _identity.GivenRunId(result) ?? throw new UsageException("which run? all workers of a run share one id: give --run-id");
        var node = _identity.Node(result, runId) with { SampleIntervalMs = result.GetValue(_intervalMs) };

        // Several nodes may share a disk, so each has a directory of its own below the run's.
        var directory = new RunDirectory(Path.Combine(_identity.Logs(result), runId, node.Node!));
        var clock = new RunClock(TimeProvider.System);
        using var guard = ProcessGroupGuard.Start();
        using var recorder = new RunRecorder(directory, "tasks");
        NodeMetaFile.WriteIfMissing(directory, node);
        using var collector = new ProcessCollector(directory.Pids, recorder.Samples, clock, TimeSpan.FromMilliseconds(result.GetValue(_intervalMs)));
        var binding = CpuBackEnd.Choose();
        using var cpu = binding.Controller;
        Log.Line(binding.Line);

        var options = _redis.OptionsOf(result, "worker", Log.Line) with { ResetCapacity = result.GetValue(_resetCapacity), ClearQueue = result.GetValue(_clearQueue) };
        await using var control = await RedisControlPlane.ConnectAsync(options, interrupt.Token).ConfigureAwait(false);
        var launcher = new Launcher(recorder, node.Node!, node.Stage!, clock, guard.Group);
        var taskGuard = new TaskGuard(result.GetValue(_allow) ?? [], result.GetValue(_inputs), _worker.Outputs(result));
        var runner = new ProcessTaskRunner(launcher, cpu, taskGuard, directory.TaskLogs, Log.Line);
        var worker = new Worker(_worker.OptionsOf(result, node.Node!), control, runner, clock, Log.Line);

        using var abort = new CancellationTokenSource();
        interrupt.Again += () => guard.Send(Signals.Kill);
        var drain = TimeSpan.FromSeconds(result.GetValue(_drainTimeoutS));
        await using var draining = interrupt.Token.Register(() =>
        {
            Log.Line($"node {node.Node} takes no more tasks; those that run have {drain.TotalSeconds:0} s to end");
            abort.CancelAfter(drain);
        }).ConfigureAwait(false);
        Log.Line($"node {node.Node}, run {runId}: {worker.Node.CapacityUnits} units, {(worker.Node.Slots is { } slots ? $"{slots} slots" : "no slots")}, records in {directory.Path}");

        // Before the node is registered: the first task's enqueue time is to be on this clock already.
        await using var time = await ServerTime
            .KeepAsync(control, clock, offset => NodeMetaFile.Write(directory, node with { Clock = offset }), Log.Line, interrupt.Token).ConfigureAwait(false);
        await worker.RunAsync(interrupt.Token, abort.Token).ConfigureAwait(false);
        return abort.IsCancellationRequested ? Interrupted : 0;
    }
}
