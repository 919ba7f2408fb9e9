namespace Tracekit.Bench;

/// <summary>One line of the results: what was measured, against what, and whether the goal was met.</summary>
/// <param name="What">What was measured, with its unit.</param>
/// <param name="Ours">Our figure.</param>
/// <param name="Reference">The floor's or peer's figure, measured in the same run.</param>
/// <param name="Result">The figure that the goal is about.</param>
/// <param name="Goal">The goal.</param>
/// <param name="IsMet">Whether it was met.</param>
internal sealed record BenchRow(string What, string Ours, string Reference, string Result, string Goal, bool IsMet);

/// <summary>The middle of several runs.</summary>
internal static class Median
{
    /// <summary>The median; of an even number of values, the lower of the middle two.</summary>
    public static double Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[(sorted.Length - 1) / 2];
    }
}
