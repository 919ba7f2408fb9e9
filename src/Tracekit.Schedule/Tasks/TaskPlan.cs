using System.Globalization;
using System.Text;
using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>What tasks are wanted: the flags of <c>dispatch</c> that say what to do, not when or where.</summary>
public sealed record TaskPlanOptions
{
    /// <summary>The videos, in order; see <see cref="InputVideos.In"/>.</summary>
    public required IReadOnlyList<string> Inputs { get; init; }

    /// <summary>The directory that outputs go to.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>The profiles that may be named.</summary>
    public ProfileSet Profiles { get; init; } = ProfileSet.BuiltIn;

    /// <summary>Which part of the tasks has which profile; null gives every task the default profile.</summary>
    public Mix? Mix { get; init; }

    /// <summary>How many tasks; null makes one for every input.</summary>
    public int? Total { get; init; }

    /// <summary>Seed of the shuffle of a mix.</summary>
    public ulong Seed { get; init; }

    /// <summary>A scale that beats the profile's; null keeps the profile's.</summary>
    public string? Scale { get; init; }

    /// <summary>A preset that beats the profile's.</summary>
    public string? Preset { get; init; }

    /// <summary>A rate factor that beats the profile's.</summary>
    public int? Crf { get; init; }
}

/// <summary>Makes the tasks of a dispatch. But for the trace ids, the same options give the same tasks on every machine.</summary>
public static class TaskPlan
{
    /// <summary>The most tasks of one dispatch.</summary>
    public const int MaxTasks = 1_000_000;

    /// <summary>The longest file name that Linux file systems take, in bytes (NAME_MAX).</summary>
    public const int MaxFileNameBytes = 255;

    /// <summary>
    /// The tasks in the order to be dispatched: task <c>i</c> has the i-th profile of the shuffled mix and input <c>i mod n</c>.
    /// </summary>
    /// <param name="options">What is wanted.</param>
    /// <param name="newTraceId">Makes the trace ids; random ones when null.</param>
    /// <exception cref="UsageException">No input, a total below 1 or above <see cref="MaxTasks"/>, or an override that cannot be.</exception>
    public static IReadOnlyList<TaskSpec> Make(TaskPlanOptions options, Func<Guid>? newTraceId = null)
    {
        var makeId = newTraceId ?? Guid.NewGuid;
        if (options.Inputs.Count == 0)
        {
            throw new UsageException("no inputs: make test videos with: tracekit generate-inputs");
        }

        var total = options.Total ?? options.Inputs.Count;
        if (total is < 1 or > MaxTasks)
        {
            throw new UsageException($"--total {total}: must be 1 to {MaxTasks}");
        }

        CheckOverrides(options);
        var profiles = options.Mix?.Sequence(total, options.Seed);
        return [.. Enumerable.Range(0, total).Select(seq => Task(options, ProfileOf(options, profiles?[seq]), seq, makeId()))];
    }

    /// <summary>
    /// <c>&lt;stem&gt;_&lt;W&gt;x&lt;H&gt;_&lt;vcodec&gt;_&lt;preset&gt;_n&lt;seq:0000&gt;.mp4</c>, as the older tool names it. The number alone makes it unique within
    /// a dispatch, so inputs that differ in their extension only do not clash. A stem that would make the name too long for a file system is cut.
    /// </summary>
    public static string OutputName(string input, Profile profile, int seq)
    {
        var size = profile.Scale.Replace(':', 'x');
        var tail = string.Create(CultureInfo.InvariantCulture, $"_{size}_{profile.Vcodec}_{profile.Preset}_n{seq:0000}.mp4");
        var stem = new StringBuilder();
        var room = MaxFileNameBytes - PartialSuffixBytes - Encoding.UTF8.GetByteCount(tail);
        foreach (var rune in Path.GetFileNameWithoutExtension(input).EnumerateRunes())
        {
            room -= rune.Utf8SequenceLength;
            if (room < 0)
            {
                break;
            }

            stem.Append(rune.ToString());
        }

        return stem + tail;
    }

    // Room for what is put into the name of a file that is still being written.
    private const int PartialSuffixBytes = 32;

    private static TaskSpec Task(TaskPlanOptions options, Profile profile, int seq, Guid traceId)
    {
        var input = options.Inputs[seq % options.Inputs.Count];
        return new TaskSpec
        {
            Input = input,
            Output = Path.Combine(options.OutputDirectory, OutputName(input, profile, seq)),
            Scale = profile.Scale,
            Vcodec = profile.Vcodec,
            Preset = profile.Preset,
            Crf = profile.Crf,
            Vthreads = profile.Vthreads,
            Fthreads = profile.Fthreads,
            CpuUnits = profile.CpuUnits,
            Cpuset = profile.Cpuset,
            CpuQuota = profile.CpuQuota,
            CpuWeight = profile.CpuWeight,
            Profile = profile.Name,
            TraceId = traceId.ToString("D"),
            Seq = seq,
        };
    }

    private static Profile ProfileOf(TaskPlanOptions options, string? name)
    {
        var profile = name is not null && options.Profiles.TryGet(name, out var named) ? named : options.Profiles.Default;
        return profile with { Scale = options.Scale ?? profile.Scale, Preset = options.Preset ?? profile.Preset, Crf = options.Crf ?? profile.Crf };
    }

    private static void CheckOverrides(TaskPlanOptions options)
    {
        var faults = ProfileOf(options, null).Faults();
        if (faults.Count > 0)
        {
            throw new UsageException($"--scale, --preset, --crf: {string.Join("; ", faults)}");
        }
    }
}
