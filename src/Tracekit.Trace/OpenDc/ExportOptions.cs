namespace Tracekit.Trace.OpenDc;

/// <summary>How to export a run.</summary>
public sealed record ExportOptions
{
    /// <summary>Where task ids come from.</summary>
    public TaskIdMode TaskIdMode { get; init; }

    /// <summary>MHz of a core, in place of what <c>CTS/nodes.json</c> says; 0 to take that.</summary>
    public int CpuFreqMhz { get; init; }

    /// <summary>Threads; 0 for one more than there are cores.</summary>
    public int Workers { get; init; }
}
