using System.Diagnostics;

namespace Tracekit.Bench;

/// <summary>From the start of <c>bin/tracekit --version</c> to its end, against a program that does nothing.</summary>
internal static class StartupBenchmark
{
    private const int Rounds = 30;
    private const double GoalMs = 100;

    public static IEnumerable<BenchRow> Run()
    {
        var program = Repository.File("bin/tracekit");
        var ours = new List<double>();
        var floor = new List<double>();
        for (var i = 0; i <= Rounds; i++)
        {
            var oursMs = TimeMs(program, "--version");
            var floorMs = TimeMs("/bin/true", "");
            if (i > 0)
            {
                ours.Add(oursMs);
                floor.Add(floorMs);
            }
        }

        yield return new BenchRow(
            $"start-up: bin/tracekit --version, median of {Rounds}",
            $"{Median.Of(ours):0} ms",
            $"{Median.Of(floor):0.0} ms (/bin/true)",
            $"{Median.Of(ours):0} ms",
            $"≤ {GoalMs} ms",
            Median.Of(ours) <= GoalMs);
    }

    private static double TimeMs(string program, string argument)
    {
        var since = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(program, argument) { RedirectStandardOutput = true })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return Stopwatch.GetElapsedTime(since).TotalMilliseconds;
    }
}
