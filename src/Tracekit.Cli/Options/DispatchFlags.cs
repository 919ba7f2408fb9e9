using System.CommandLine;
using Tracekit.Model;
using Tracekit.Schedule;

namespace Tracekit.Cli.Options;

/// <summary>The flags of <c>dispatch</c>: which tasks, in which order, when.</summary>
internal sealed class DispatchFlags
{
    private readonly Option<string?> _inputs = Flag.Path("--inputs", "directory of input videos");
    private readonly Option<string?> _mix = Flag.Text("--mix", "profiles and their weights, as in fast1080p=2,light1c=3");
    private readonly Option<int?> _total = Flag.WholeOrNone("--total", 1, TaskPlan.MaxTasks, "how many tasks; default: one for each input");
    private readonly Option<int> _seed = Flag.Whole("--seed", 0, 0, int.MaxValue, "seed of the shuffle");
    private readonly Option<string?> _profiles = Flag.Path("--profiles", "YAML file of more profiles");
    private readonly Option<string?> _scale = Flag.Text("--scale", "target size W:H, in place of the profile's");
    private readonly Option<string?> _preset = Flag.Text("--preset", "encoder preset, in place of the profile's");
    private readonly Option<int?> _crf = Flag.WholeOrNone("--crf", 0, 51, "rate factor, in place of the profile's");
    private readonly Option<string> _policy = Flag.Choice(
        "--policy", "rr3", ["rr3", "duration-greedy", "duration-online"], "order of the tasks: as made, or the longest input first");
    private readonly Option<bool> _pending = Flag.Switch("--pending", "send tasks to the global queue; what run always does");
    private readonly Option<string> _pendingMode = Flag.Choice("--pending-mode", "pulse", ["pulse", "fifo"], "how tasks enter the queue");
    private readonly Option<int> _pulseSize = Flag.Whole("--pulse-size", 10, 1, TaskPlan.MaxTasks, "pulse: tasks at a time");
    private readonly Option<int> _pulseInterval = Flag.Whole("--pulse-interval", 100, 0, 3_600_000, "pulse: ms from one to the next");
    private readonly Option<int> _pendingMax = Flag.Whole("--pending-max", 6, 1, 100_000, "fifo: the queue is kept no longer than this");
    private readonly Option<int> _batchSize = Flag.Whole("--batch-size", 1, 1, TaskPlan.MaxTasks, "fifo: tasks at a time");
    private readonly Option<double> _dribbleInterval = Flag.Number("--dribble-interval", 0.1, 0, 3600, "fifo: seconds between batches");

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[
            _inputs, _mix, _total, _seed, _profiles, _scale, _preset, _crf, _policy,
            _pending, _pendingMode, _pulseSize, _pulseInterval, _pendingMax, _batchSize, _dribbleInterval])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Which tasks.</summary>
    /// <exception cref="UsageException">There are no inputs, or a flag does not fit.</exception>
    public TaskPlanOptions PlanOf(ParseResult result, string outputs)
    {
        var profiles = result.GetValue(_profiles) is { } file ? ProfileFile.Load(file, ProfileSet.BuiltIn) : ProfileSet.BuiltIn;
        var mix = result.GetValue(_mix) is { } text ? Mix.Parse(text, profiles) : null;
        var inputs = result.GetValue(_inputs) ?? throw new UsageException("--inputs: which videos? give their directory; tracekit generate-inputs makes some");
        return new TaskPlanOptions
        {
            Inputs = InputVideos.In(inputs),
            OutputDirectory = outputs,
            Profiles = profiles,
            Mix = mix,
            Total = result.GetValue(_total),
            Seed = (ulong)result.GetValue(_seed),
            Scale = result.GetValue(_scale),
            Preset = result.GetValue(_preset),
            Crf = result.GetValue(_crf),
        };
    }

    /// <summary>How many tasks; null when not said.</summary>
    public int? Total(ParseResult result) => result.GetValue(_total);

    /// <summary>Whether tasks go to the global queue whatever else is said.</summary>
    public bool IsPending(ParseResult result) => result.GetValue(_pending);

    /// <summary>When.</summary>
    public DispatcherOptions PacingOf(ParseResult result) => new()
    {
        Policy = DispatchOrder.Parse(result.GetValue(_policy)!),
        PendingMode = DispatcherOptions.ParseMode(result.GetValue(_pendingMode)!),
        PulseSize = result.GetValue(_pulseSize),
        PulseIntervalMs = result.GetValue(_pulseInterval),
        PendingMax = result.GetValue(_pendingMax),
        BatchSize = result.GetValue(_batchSize),
        DribbleIntervalS = result.GetValue(_dribbleInterval),
    };
}
