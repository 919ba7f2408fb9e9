using System.Globalization;
using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>How many capacity units a node offers.</summary>
public static class CapacityUnits
{
    /// <summary>The most units of a node.</summary>
    public const int Max = TaskFaults.MaxCpuUnits;

    /// <summary>The largest allocation ratio.</summary>
    public const double MaxRatio = 1000;

    /// <summary>
    /// <paramref name="capacityUnits"/> where it is set, else ⌊ratio × logical cores⌋, at least 1. The product is taken in decimal, so that 1.15 × 20
    /// is 23 and not a binary fraction less.
    /// </summary>
    /// <param name="capacityUnits"><c>--capacity-units</c>; 0 for not set.</param>
    /// <param name="allocationRatio"><c>--allocation-ratio</c>: above 1 admits more than the cores can run at once.</param>
    /// <param name="logicalCores">Logical cores that tasks may use.</param>
    /// <exception cref="UsageException">A flag is out of range.</exception>
    public static int Of(int capacityUnits, double allocationRatio, int logicalCores)
    {
        if (capacityUnits is < 0 or > Max)
        {
            throw new UsageException($"--capacity-units {capacityUnits}: must be 1 to {Max}, or 0 for ratio times cores");
        }

        if (!(allocationRatio > 0 && allocationRatio <= MaxRatio))
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--allocation-ratio {allocationRatio}: must be above 0 and at most {MaxRatio}"));
        }

        return capacityUnits > 0 ? capacityUnits : (int)Math.Clamp(Math.Floor((decimal)allocationRatio * logicalCores), 1, Max);
    }
}
