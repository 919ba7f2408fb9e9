using Tracekit.Trace.Audit;
using Tracekit.Trace.Parse;

namespace Tracekit.Trace.Merge;

/// <summary>What merging came to.</summary>
public sealed record MergeResult
{
    /// <summary>The merged run.</summary>
    public required string RunId { get; init; }

    /// <summary>Where the run is: what <c>parse</c> and <c>export</c> are given.</summary>
    public required string Directory { get; init; }

    /// <summary>Where the joined wide trace is.</summary>
    public required string UnifiedDirectory { get; init; }

    /// <summary>The nodes, by id.</summary>
    public required IReadOnlyList<MergedNode> Nodes { get; init; }

    /// <summary>Records in the joined wide trace, by file.</summary>
    public required IReadOnlyDictionary<string, long> Records { get; init; }

    /// <summary>Records that stood in their file too far from their place to be put there.</summary>
    public required long OutOfOrder { get; init; }

    /// <summary>Files of nodes without raw files whose wide trace has lines that hold no record.</summary>
    public required IReadOnlyList<FileCount> FaultyFiles { get; init; }
}

/// <summary>A node of a merged run.</summary>
/// <param name="Node">Its id.</param>
/// <param name="ClockShiftMs">What was added to its times, in ms, to have them on the reference clock.</param>
/// <param name="Invocations">Tasks in its compact trace; null for a node that came without raw files and was not parsed.</param>
/// <param name="BadLines">Lines of its raw files that hold no record.</param>
/// <param name="Verdict">What its audit says; null for a node that was not parsed.</param>
public sealed record MergedNode(string Node, long ClockShiftMs, long? Invocations, long BadLines, AuditVerdict? Verdict);
