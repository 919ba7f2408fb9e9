using Tracekit.Trace.Tasks;

namespace Tracekit.Trace.OpenDc;

/// <summary>What the exporter keeps of one task; one array element a task.</summary>
internal struct ExportTask
{
    /// <summary>The id in the trace.</summary>
    public int Id;

    /// <summary>Index of its node.</summary>
    public int Node;

    /// <summary>Process id.</summary>
    public int Pid;

    /// <summary>Cores it asked for; 0 when it did not say.</summary>
    public int CpuUnits;

    /// <summary>When it was asked for, and its life, at least 1 ms long.</summary>
    public long SubmissionMs, StartMs, EndMs;

    /// <summary>Its CPU time in ns; −1 when not known.</summary>
    public long KnownCpuNs;

    /// <summary>False when the invocation says that no child of it used CPU time.</summary>
    public bool ChildrenMayCome;

    /// <summary>Largest resident set seen, in KiB.</summary>
    public long PeakRssKb;

    /// <summary>The most cores that a fragment of it uses.</summary>
    public double PeakCores;

    /// <summary>Shared with the other tasks of the same name.</summary>
    public string? Name;

    /// <summary>Its life.</summary>
    public readonly TaskSpan Span => new(Pid, StartMs, EndMs);
}
