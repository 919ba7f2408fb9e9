using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>A check before a run starts: a task that no node can ever hold would block the queue for good.</summary>
public static class Admission
{
    /// <summary>Makes sure that every task fits the largest node.</summary>
    /// <param name="tasks">What is to run.</param>
    /// <param name="capacityTotals">The capacity units of each node; not empty.</param>
    /// <exception cref="UsageException">One does not: which profile, what it needs, what there is, and what to do.</exception>
    public static void Check(IReadOnlyList<TaskSpec> tasks, IReadOnlyCollection<int> capacityTotals)
    {
        var largest = capacityTotals.Max();
        var tooLarge = tasks.Where(t => t.CpuUnits > largest).MaxBy(t => t.CpuUnits);
        if (tooLarge is not null)
        {
            throw new UsageException(
                $"{tooLarge.Profile ?? "a task"} needs {Units(tooLarge.CpuUnits)} but the largest node offers {largest}: "
                + "raise --allocation-ratio or --capacity-units, or leave the profile out");
        }
    }

    private static string Units(int count) => count == 1 ? "1 unit" : $"{count} units";
}
