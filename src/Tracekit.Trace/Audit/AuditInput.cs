using Tracekit.Trace.Parse;
using Tracekit.Trace.Tasks;

namespace Tracekit.Trace.Audit;

/// <summary>All that the audit looks at: counts and sums that were gathered while the files were read.</summary>
internal sealed record AuditInput
{
    /// <summary>The most sentinels of unfinished tasks that are listed.</summary>
    public const int MaxSentinels = 100_000;

    /// <summary>The node.</summary>
    public required NodeMeta Node { get; init; }

    /// <summary>What was added to every time, in ms, to have it on the reference clock.</summary>
    public required long ShiftMs { get; init; }

    /// <summary>Length of a clock tick in ns: the resolution of older samples.</summary>
    public required long TickNs { get; init; }

    /// <summary>What reading each file of invocations came to.</summary>
    public required IReadOnlyList<FileCount> EventFiles { get; init; }

    /// <summary>What reading the samples came to.</summary>
    public required FileCount SampleFile { get; init; }

    /// <summary>What reading the other files of the run came to: host and link metrics, placement, gauges, descriptions.</summary>
    public IReadOnlyList<FileCount> OtherFiles { get; init; } = [];

    /// <summary>Every file that was read.</summary>
    public FileCount[] Files => [.. EventFiles, SampleFile, .. OtherFiles];

    /// <summary>What invocations lack.</summary>
    public required InvocationFaults Invocations { get; init; }

    /// <summary>The tasks with their windows added up.</summary>
    public required TaskTallies Tallies { get; init; }

    /// <summary>What the samples showed.</summary>
    public required SampleFaults Samples { get; init; }

    /// <summary>Process lives seen in the samples.</summary>
    public required long Lives { get; init; }

    /// <summary>Windows written.</summary>
    public required long Windows { get; init; }

    /// <summary>Lives with a start, no exit and no invocation.</summary>
    public required long Unfinished { get; init; }

    /// <summary>Some of them.</summary>
    public required IReadOnlyList<(int Pid, long StartTsMs)> UnfinishedExamples { get; init; }

    /// <summary>Pids whose sentinel is still there.</summary>
    public required IReadOnlyList<string> Sentinels { get; init; }
}
