using System.CommandLine;
using Tracekit.Cli.Options;
using Tracekit.Launch;
using Tracekit.Linux;
using Tracekit.Model;
using Tracekit.Schedule;

namespace Tracekit.Cli.Commands;

/// <summary><c>tracekit dispatch</c>: makes tasks and puts them into the line.</summary>
internal sealed class DispatchCommand : Command
{
    private const int MaxRevived = 1_000_000;

    private readonly RedisConnectionFlags _redis = new();
    private readonly DispatchFlags _dispatch = new();
    private readonly Option<string> _outputs = Flag.PathOr("--outputs", "outputs", "directory for the videos made, as the workers see it");
    private readonly Option<string?> _nodes = Flag.Text("--nodes", "nodes, separated by commas, to send tasks to past the scheduler; without --pending");
    private readonly Option<int> _backlogLimit = Flag.Whole("--backlog-limit", DispatchOrder.DefaultBacklogLimit, 0, TaskPlan.MaxTasks, "duration-online: a node whose queue is longer gets no more for now");
    private readonly Option<string?> _id = Flag.Text("--dispatch-id", "id of this dispatch; one that was cut off goes on where it was. Default: the time (UTC)");
    private readonly Option<int> _units = Flag.Whole("--cpu-units", 1, 1, TaskFaults.MaxCpuUnits, "capacity units of each command task");
    private readonly Option<bool> _retryDead = Flag.Switch("--retry-dead", "put the dead letters back into the line, and nothing else");
    private readonly Argument<string[]> _command = new("command")
    {
        Description = "a program and its arguments, behind --, in place of videos; workers must --allow it",
        Arity = ArgumentArity.ZeroOrMore,
        HelpName = "PROGRAM [ARG]…",
    };

    public DispatchCommand()
        : base("dispatch", "make tasks and put them into the line")
    {
        _dispatch.AddTo(this);
        foreach (Option option in (Option[])[_outputs, _nodes, _backlogLimit, _id, _units, _retryDead])
        {
            Options.Add(option);
        }

        _redis.AddTo(this);
        Arguments.Add(_command);
        SetAction(Run);
    }

    private async Task<int> Run(ParseResult result, CancellationToken cancellation)
    {
        using var interrupt = InterruptSignal.Listen();
        var id = Identifier.Check(result.GetValue(_id) ?? Identifier.NewRunId(TimeProvider.System.GetUtcNow()), "--dispatch-id");
        var retry = result.GetValue(_retryDead);
        var tasks = retry ? [] : await TasksOf(result, interrupt.Token).ConfigureAwait(false);
        await using var control = await RedisControlPlane
            .ConnectAsync(_redis.OptionsOf(result, "dispatcher", Log.Line) with { DispatchId = id }, interrupt.Token).ConfigureAwait(false);
        if (retry)
        {
            Console.WriteLine($"{await control.ReviveDeadAsync(MaxRevived, interrupt.Token).ConfigureAwait(false)} dead letters are back in the line");
            return 0;
        }

        var pacing = _dispatch.PacingOf(result) with { Nodes = NodesOf(result), BacklogLimit = result.GetValue(_backlogLimit) };
        await control.BeginDispatchAsync(tasks.Count, interrupt.Token).ConfigureAwait(false);
        var clock = new RunClock(TimeProvider.System);
        await using var time = await ServerTime.KeepAsync(control, clock, _ => { }, Log.Line, interrupt.Token).ConfigureAwait(false);
        await new Dispatcher(pacing, control, clock, TimeProvider.System).RunAsync(tasks, interrupt.Token).ConfigureAwait(false);
        Console.WriteLine($"{tasks.Count} tasks dispatched as {id}; tracekit wait {id} tells how they end");
        return 0;
    }

    private string[] NodesOf(ParseResult result) =>
        _dispatch.IsPending(result) || result.GetValue(_nodes) is not { } nodes ? [] : nodes.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private async Task<IReadOnlyList<TaskSpec>> TasksOf(ParseResult result, CancellationToken cancellation)
    {
        if (result.GetValue(_command) is { Length: > 0 } command)
        {
            var task = new TaskSpec { Command = command, CpuUnits = result.GetValue(_units), Profile = Path.GetFileName(command[0]) };
            return [.. Enumerable.Range(0, _dispatch.Total(result) ?? 1).Select(i => task with { Seq = i, TraceId = Guid.NewGuid().ToString() })];
        }

        var tasks = TaskPlan.Make(_dispatch.PlanOf(result, result.GetValue(_outputs)!));
        if (!DispatchOrder.NeedsDurations(_dispatch.PacingOf(result).Policy))
        {
            return tasks;
        }

        using var guard = ProcessGroupGuard.Start();
        return await InputDurations.ProbeAsync(tasks, new FfprobeMediaProbe(new Launch.ProgramRunner(guard.Group)), cancellation).ConfigureAwait(false);
    }
}
