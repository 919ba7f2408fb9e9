using Tracekit.Linux;

namespace Tracekit.Launch;

/// <summary>A program to run and trace as one invocation.</summary>
public sealed record LaunchRequest
{
    /// <summary>The program: a path, or a name to look up in PATH.</summary>
    public required string Program { get; init; }

    /// <summary>Its arguments, without its own name.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Environment variables beside our own.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// A file for what it prints (standard output and error), with nothing as its input; null to pass on our own three streams.
    /// </summary>
    public string? LogPath { get; init; }

    /// <summary>What it reads and writes.</summary>
    public DataFiles Files { get; init; } = DataFiles.Unknown;

    /// <summary>CPUs to bind it to; null for none.</summary>
    public CpuSet? CpuSet { get; init; }

    /// <summary>Niceness; null for ours.</summary>
    public int? Niceness { get; init; }

    /// <summary>Control groups to put it into.</summary>
    public IReadOnlyList<IControlGroup> Cgroups { get; init; } = [];

    /// <summary>CPU quota and weight that its control groups give it at the start, for the record; null where none limits it.</summary>
    public CpuShare? CpuShare { get; init; }

    /// <summary>How it is bound to CPUs, for the record: <c>exclusive</c> or <c>shared</c>; null where nobody decided that.</summary>
    public string? CpuBinding { get; init; }

    /// <summary>When it was asked for, in ms since the Unix epoch; null for now.</summary>
    public long? TsEnqueueMs { get; init; }

    /// <summary>Id of the trace; null for a new one.</summary>
    public string? TraceId { get; init; }

    /// <summary>Which instance of the program this is, where that has a name.</summary>
    public string? InstanceId { get; init; }

    /// <summary>The profile that the task was made from.</summary>
    public string? Profile { get; init; }

    /// <summary>Capacity units the task asked for.</summary>
    public int? CpuUnits { get; init; }

    /// <summary>Asked at the end: did another exclusive task share its CPUs? Null when it had none of its own.</summary>
    public Func<bool>? IsCpuOvercommitted { get; init; }
}

/// <summary>What a program reads and writes, as far as known.</summary>
/// <param name="Input">Path of the input, or null.</param>
/// <param name="Output">Path of the output, or null.</param>
/// <param name="OutputArgument">
/// Index of the argument that names the output: it is replaced by a temporary name that becomes the output when the program succeeds. −1 to leave
/// the arguments alone.
/// </param>
/// <param name="MayReplace">True when an output that is there may be replaced; else the arguments are left alone then.</param>
public sealed record DataFiles(string? Input, string? Output, int OutputArgument = -1, bool MayReplace = true)
{
    /// <summary>Nothing is known.</summary>
    public static DataFiles Unknown { get; } = new(null, null);
}
