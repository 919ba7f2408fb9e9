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
/// <param name="HostIndex">Index of the host among those given; −1 when not placed.</param>
/// <param name="TakesSlot">True when it takes one of the host's concurrency slots, to be given back when it ends.</param>
public readonly record struct PlacementDecision(PlacementKind Kind, int HostIndex = -1, bool TakesSlot = false);

/// <summary>
/// The scheduling policy: strict FIFO with head-of-line blocking, and for the head the best feasible host. Pure, so that real runs and a simulator
/// use the very same code. It looks at one task, the head; never passing it by is its caller's part.
/// </summary>
public static class Placement
{
    /// <summary>
    /// Places a task that needs <paramref name="cpuUnits"/>. Feasible is a host with that capacity free and, where it works with slots, one of them
    /// free. When none is, hosts whose slot count is stale (<see cref="HostState.HasStaleSlots"/>) are taken by their capacity alone, so that lost
    /// slot tokens block nothing.
    /// </summary>
    /// <param name="cpuUnits">Units of the head task, 1 or more.</param>
    /// <param name="hosts">The hosts, in any order.</param>
    /// <param name="weigher">Chooses among several feasible hosts.</param>
    public static PlacementDecision Choose(int cpuUnits, ReadOnlySpan<HostState> hosts, HostWeigher weigher)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cpuUnits, 1);
        var best = -1;
        var bestStale = -1;
        var largest = int.MaxValue;
        for (var i = 0; i < hosts.Length; i++)
        {
            ref readonly var host = ref hosts[i];
            largest = i == 0 ? host.CapacityTotal : Math.Max(largest, host.CapacityTotal);
            if (host.Fits(cpuUnits))
            {
                best = best < 0 || weigher.Prefers(host, hosts[best]) ? i : best;
            }
            else if (host.CapacityFree >= cpuUnits && host.HasStaleSlots)
            {
                bestStale = bestStale < 0 || weigher.Prefers(host, hosts[bestStale]) ? i : bestStale;
            }
        }

        return best >= 0 ? new PlacementDecision(PlacementKind.Placed, best, TakesSlot: hosts[best].SlotsFree is not null)
            : bestStale >= 0 ? new PlacementDecision(PlacementKind.Placed, bestStale)
            : new PlacementDecision(cpuUnits > largest ? PlacementKind.NeverFits : PlacementKind.Blocked);
    }
}
