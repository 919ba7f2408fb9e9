namespace Tracekit.Trace.OpenDc;

/// <summary>Counts of an export on the way.</summary>
internal sealed class ExportCounts
{
    /// <summary>What placing CPU time needed.</summary>
    public PlacementTotals Placement { get; } = new();

    /// <summary>Windows read.</summary>
    public long Windows { get; set; }

    /// <summary>Windows that belong to no task.</summary>
    public long WindowsWithoutTask { get; set; }

    /// <summary>Windows that came after their task had been written.</summary>
    public long LateWindows { get; set; }

    /// <summary>CPU time written, in ns.</summary>
    public long CpuNs { get; set; }
}
