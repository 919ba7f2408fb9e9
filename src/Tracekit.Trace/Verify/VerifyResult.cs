using System.Text.Json.Serialization;

namespace Tracekit.Trace.Verify;

/// <summary>What a fault means for whoever loads the workload.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<VerifySeverity>))]
public enum VerifySeverity
{
    /// <summary>Different from what we write, and right all the same: an older schema, a column beyond ours.</summary>
    [JsonStringEnumMemberName("notice")]
    Notice,

    /// <summary>Wrong: a simulation of it is not one of the run that it stands for.</summary>
    [JsonStringEnumMemberName("error")]
    Error,
}

/// <summary>One kind of fault.</summary>
/// <param name="Severity">How bad.</param>
/// <param name="Code">A name for programs, for example <c>duration_mismatch</c>.</param>
/// <param name="Count">How often.</param>
/// <param name="Message">One sentence for people.</param>
/// <param name="Examples">The first few.</param>
public sealed record VerifyFault(VerifySeverity Severity, string Code, long Count, string Message, IReadOnlyList<string> Examples);

/// <summary>A column as it was found.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Found">Its type, for example <c>INT64 TIMESTAMP(MILLIS, UTC) REQUIRED</c>; <c>-</c> when it is not there.</param>
/// <param name="Expected">What the contract has; <c>-</c> when it knows no such column.</param>
public sealed record VerifyColumn(string Name, string Found, string Expected);

/// <summary>A file as it was found.</summary>
/// <param name="File">Its name.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Columns">The columns of the file, and those that it lacks.</param>
public sealed record VerifyFile(string File, long Rows, IReadOnlyList<VerifyColumn> Columns);

/// <summary>What verifying a workload came to.</summary>
public sealed record VerifyResult
{
    /// <summary>Where it is.</summary>
    public required string Directory { get; init; }

    /// <summary>True when nothing is an <see cref="VerifySeverity.Error"/>.</summary>
    public required bool Ok { get; init; }

    /// <summary>What is wrong or different, errors first.</summary>
    public required IReadOnlyList<VerifyFault> Faults { get; init; }

    /// <summary>The files.</summary>
    public required IReadOnlyList<VerifyFile> Files { get; init; }

    /// <summary>Tasks.</summary>
    public long Tasks { get; init; }

    /// <summary>Fragments.</summary>
    public long Fragments { get; init; }

    /// <summary>Stretches of fragments of the same task: as many as tasks where each task's fragments stand together.</summary>
    public long FragmentRuns { get; init; }

    /// <summary>The tasks' durations added up, in ms.</summary>
    public long TaskMs { get; init; }

    /// <summary>The fragments' durations added up, in ms.</summary>
    public long FragmentMs { get; init; }

    /// <summary>Usage × duration over all fragments, in MHz × ms.</summary>
    public double MhzMs { get; init; }
}
