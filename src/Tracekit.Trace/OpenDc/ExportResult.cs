using System.Text.Json.Serialization;

namespace Tracekit.Trace.OpenDc;

/// <summary>What an export came to. CPU times are in ms.</summary>
public sealed record ExportResult
{
    /// <summary>Where the files are.</summary>
    public required string Directory { get; init; }

    /// <summary>Where the ids came from: <see cref="OpenDc.TaskIdMode.Pid"/> or <see cref="OpenDc.TaskIdMode.Sequential"/>.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<TaskIdMode>))]
    public required TaskIdMode TaskIdMode { get; init; }

    /// <summary>Nodes read.</summary>
    public int Nodes { get; init; }

    /// <summary>Tasks written.</summary>
    public long Tasks { get; init; }

    /// <summary>Fragments written.</summary>
    public long Fragments { get; init; }

    /// <summary>Windows read.</summary>
    public long Windows { get; init; }

    /// <summary>Lines of the compact trace that hold no record.</summary>
    public long BadLines { get; init; }

    /// <summary>Windows that belong to no task.</summary>
    public long WindowsWithoutTask { get; init; }

    /// <summary>Windows that came after their task had been written; a trace out of time order.</summary>
    public long LateWindows { get; init; }

    /// <summary>CPU time in the fragments.</summary>
    public double CpuMs { get; init; }

    /// <summary>Tasks of no length, exported as 1 ms.</summary>
    public long ZeroLengthTasks { get; init; }

    /// <summary>Stretches of tasks' lives under no window.</summary>
    public long Gaps { get; init; }

    /// <summary>Their time in ms.</summary>
    public long GapMs { get; init; }

    /// <summary>CPU time put into them because the invocation or the first sample tells of it.</summary>
    public double GapCpuMs { get; init; }

    /// <summary>CPU time that invocations tell of, that no window shows, and for which there was no gap with room: not exported.</summary>
    public double UnplacedCpuMs { get; init; }

    /// <summary>CPU time of waited-for children, spread evenly over the time in which it must have been used: placed by estimate.</summary>
    public double SpreadChildrenCpuMs { get; init; }

    /// <summary>CPU time beyond what the cores can do in its window, moved to neighbours: placed by estimate.</summary>
    public double MovedCpuMs { get; init; }

    /// <summary>CPU time that found room nowhere, so that its task shows more than its node has.</summary>
    public double ForcedCpuMs { get; init; }

    /// <summary>
    /// CPU time of windows that lie mostly outside their task, beyond what the cores can do in the part inside: not exported.
    /// </summary>
    public double OutsideCpuMs { get; init; }

    /// <summary>Times that children's CPU time belonged to windows which had left the buffer of <c>TaskPlacement.MaxPending</c>.</summary>
    public long SpreadsCutShort { get; init; }

    /// <summary>Tasks whose gaps had left that buffer before their CPU time was known.</summary>
    public long GapsCutShort { get; init; }

    /// <summary>Tasks that were given more cores than their node has, because their fragments need them.</summary>
    public long TasksOverNodeCores { get; init; }
}
