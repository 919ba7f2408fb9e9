using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Tracekit.EndToEnd;

/// <summary>
/// Faults from a seed: processes are killed and networks cut at random moments while tasks run; every task has one accepted result in the end, and nothing
/// of any node is lost. <c>TRACEKIT_FAULT_SEED</c> replays one seed, <c>TRACEKIT_FAULT_RUNS</c> says how many there are.
/// </summary>
public sealed class ControlPlaneFaultTests(ITestOutputHelper output)
{
    private const int DefaultRuns = 6;

    [Fact]
    public async Task Whatever_is_killed_or_cut_off_every_task_has_one_result_and_no_capacity_is_lost()
    {
        var failures = new List<string>();
        var clock = Stopwatch.StartNew();
        var seeds = Seeds();
        foreach (var seed in seeds)
        {
            using var run = new ControlPlaneRun(FaultPlan.Of(seed));
            try
            {
                Tell($"seed {seed}: {await run.RunAsync()}");
            }
            catch (InvalidOperationException e)
            {
                Tell($"seed {seed}: FAILED; TRACEKIT_FAULT_SEED={seed} replays it\n{e.Message}");
                failures.Add(e.Message);
            }
        }

        Tell(string.Create(
            CultureInfo.InvariantCulture, $"{seeds.Length} runs of {ControlPlaneRun.Tasks} tasks, {failures.Count} failed, {clock.Elapsed.TotalSeconds:0} s"));
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    private static int[] Seeds()
    {
        if (Environment.GetEnvironmentVariable("TRACEKIT_FAULT_SEED") is { Length: > 0 } one)
        {
            return [int.Parse(one, CultureInfo.InvariantCulture)];
        }

        var runs = Environment.GetEnvironmentVariable("TRACEKIT_FAULT_RUNS") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : DefaultRuns;
        return [.. Enumerable.Range(1, runs)];
    }

    // At once to whoever watches, and to the report of the test.
    private void Tell(string line)
    {
        output.WriteLine(line);
        if (Environment.GetEnvironmentVariable("TRACEKIT_FAULT_LOG") is { Length: > 0 } log)
        {
            File.AppendAllText(log, line + "\n");
        }
    }
}
