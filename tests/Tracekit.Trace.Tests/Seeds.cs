using FsCheck;
using FsCheck.Fluent;

namespace Tracekit.Trace.Tests;

/// <summary>Properties over random scenarios: each is built from a seed, and a failure names the seed that repeats it.</summary>
internal static class Seeds
{
    /// <summary>Runs <paramref name="scenario"/> with <paramref name="count"/> seeds.</summary>
    public static void ForAll(int count, Action<Random> scenario)
    {
        var seeds = Gen.Choose(0, int.MaxValue).ToArbitrary();
        Prop.ForAll(seeds, seed => Run(scenario, seed)).Check(Config.QuickThrowOnFailure.WithMaxTest(count));
    }

    private static void Run(Action<Random> scenario, int seed)
    {
        try
        {
            scenario(new Random(seed));
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
        }
    }
}
