namespace Tracekit.Schedule;

/// <summary>A task that shares the cores of a node.</summary>
/// <param name="Weight">Its weight, above 0: its <c>cpu_units</c>.</param>
/// <param name="DemandCores">The most cores that it can use, 0 or more.</param>
public readonly record struct ShareRequest(double Weight, double DemandCores);

/// <summary>
/// Weighted max-min fair shares by water-filling (Bertsekas and Gallager, "Data Networks", section 6.5.2): nobody gets more than it can use, and
/// nobody's share can grow but at the cost of one that has less by weight.
/// </summary>
public static class FairShares
{
    /// <summary>
    /// The cores of each task: min(demand, level × weight), with the level at which they add up to the capacity or every demand is met.
    /// </summary>
    /// <param name="capacityCores">Cores to share, 0 or more.</param>
    /// <param name="requests">The tasks.</param>
    /// <returns>A share for every task, in the same order, in cores.</returns>
    public static double[] Share(double capacityCores, IReadOnlyList<ShareRequest> requests)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacityCores);
        var shares = new double[requests.Count];
        var left = capacityCores;
        var weightLeft = requests.Sum(r => r.Weight);

        // The task that is satisfied at the lowest level comes first; the level only rises from there.
        foreach (var i in Enumerable.Range(0, requests.Count).OrderBy(i => requests[i].DemandCores / requests[i].Weight))
        {
            var (weight, demand) = requests[i];
            shares[i] = Math.Min(demand, weightLeft > weight ? left * weight / weightLeft : left);
            left = Math.Max(0, left - shares[i]);
            weightLeft -= weight;
        }

        return shares;
    }
}
