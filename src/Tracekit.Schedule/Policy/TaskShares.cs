namespace Tracekit.Schedule;

/// <summary>A running task of a worker that shares its cores.</summary>
/// <param name="Units">
/// Its weight: its <c>cpu_units</c>; of a task that brings a <c>cpu_weight</c> of its own, that divided by the weight of a unit.
/// </param>
/// <param name="MaxCores">The most it may use: the least of its own <c>cpu_quota</c> and the size of its own <c>cpuset</c>; null for no such limit.</param>
public readonly record struct TaskDemand(double Units, double? MaxCores);

/// <summary>Which CPU quota each task gets with shared binding: weighted max-min fair shares of the node (<see cref="FairShares"/>).</summary>
/// <remarks>
/// Capacity is the logical cores that tasks may use, or the quota that the worker itself is under, if that is less. A task wants all of it, or its own
/// maximum; it gets cores in proportion to its units; what one cannot take the others get, in proportion again. So the shares of running tasks always
/// add up to the capacity, as long as one of them may take it: a task gets more than its units while there are fewer units than cores, and less while
/// there are more. Who is alone gets everything. Examples:
/// <code>
///   cores  units (own maximum)   quotas, in cores        why
///   2      1  2  4               0.286  0.571  1.143     2/7 of a core a unit
///   2      1  2                  0.667  1.333            the task of 4 has ended: they grow
///   2      1                     none                    alone: the whole node
///   2      1  2  4 (max 0.5)     0.500  1.000  0.500     the task of 4 may not take its 1.143
///   4      1  1                  2.000  2.000            idle cores help nobody
///   2      1 (max 0.5)           0.500                   its own quota holds also when it is alone
/// </code>
/// A quota also bounds a task while another one leaves its share unused (it waits, or has fewer threads than cores): that is the price of a share which
/// depends on the tasks alone, not on the instant, so that the same run gives the same trace. The weights say the same as the quotas, for
/// the time in which something else uses the machine too.
/// </remarks>
public static class TaskShares
{
    /// <summary>The quotas of all running tasks, in the same order, in cores; null where none is needed because the task may use everything.</summary>
    /// <param name="capacityCores">Cores to share, above 0.</param>
    /// <param name="tasks">The tasks.</param>
    public static double?[] Quotas(double capacityCores, IReadOnlyList<TaskDemand> tasks)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacityCores);
        var shares = FairShares.Share(capacityCores, [.. tasks.Select(t => new ShareRequest(t.Units, Math.Min(t.MaxCores ?? capacityCores, capacityCores)))]);
        return [.. shares.Select((share, i) => tasks is [{ MaxCores: null }] ? (double?)null : share)];
    }
}
