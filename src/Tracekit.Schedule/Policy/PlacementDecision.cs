namespace Tracekit.Schedule;

/// <summary>What comes of an attempt to place a task.</summary>
public enum PlacementKind
{
    /// <summary>A host takes it.</summary>
    Placed,

    /// <summary>It fits no host now; it waits, and whatever stands behind it too.</summary>
    Blocked,

    /// <summary>It is larger than all the capacity of every host: it waits for a larger one to come.</summary>
    NeverFits,
}

/// <summary>Where a task goes.</summary>
/// <param name="Kind">What came of it.</param>
/// <param name="HostIndex">Index of the host in the <see cref="HostTable"/>; −1 when not placed.</param>
/// <param name="TakesSlot">True when it takes one of the host's concurrency slots, to be given back when it ends.</param>
public readonly record struct PlacementDecision(PlacementKind Kind, int HostIndex = -1, bool TakesSlot = false);
