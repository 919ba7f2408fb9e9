namespace Tracekit.Schedule;

/// <summary>What the scheduler knows of a node when it places a task.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="CapacityTotal">All its capacity units (<c>cap_total:&lt;node&gt;</c>).</param>
/// <param name="CapacityFree">Those that no task holds (<c>cap:&lt;node&gt;</c>). Below 0 where tasks were sent to the node past the scheduler.</param>
/// <param name="SlotsFree">Free concurrency slots (its tokens in <c>slots:available</c>); null when the node is limited by its capacity only.</param>
/// <param name="RunCount">Tasks dispatched to it and not finished (<c>run_count:&lt;node&gt;</c>).</param>
public readonly record struct HostState(string NodeId, int CapacityTotal, long CapacityFree, int? SlotsFree, int RunCount)
{
    /// <summary>True when a task of <paramref name="cpuUnits"/> fits now, slot included.</summary>
    public bool Fits(int cpuUnits) => CapacityFree >= cpuUnits && SlotsFree is null or > 0;

    /// <summary>
    /// True when the slot count cannot be right: none free though no task is there to hold one. Tokens get lost when a worker or scheduler dies
    /// between two steps.
    /// </summary>
    public bool HasStaleSlots => SlotsFree is <= 0 && RunCount <= 0;

    /// <summary>The node with one more task.</summary>
    public HostState Plus(int cpuUnits, bool takesSlot) =>
        this with { CapacityFree = CapacityFree - cpuUnits, SlotsFree = takesSlot ? SlotsFree - 1 : SlotsFree, RunCount = RunCount + 1 };

    /// <summary>The node with that task ended, or never dispatched.</summary>
    public HostState Minus(int cpuUnits, bool tookSlot) =>
        this with { CapacityFree = CapacityFree + cpuUnits, SlotsFree = tookSlot ? SlotsFree + 1 : SlotsFree, RunCount = RunCount - 1 };
}
