using System.Diagnostics;
using System.Globalization;
using Tracekit.Parquet;

namespace Tracekit.Bench;

/// <summary>A measurement beside the one it is to be judged by; both are medians.</summary>
internal sealed record ParquetReadResult(string Name, double OursMs, double TheirsMs)
{
    public double Ratio => OursMs / TheirsMs;
}

/// <summary>
/// Reads the 2.3 million fragments of surf_week, all columns, with our reader and with DuckDB on one thread: once to sum every value,
/// once to hold every value in memory. The two take turns in one run, so that whatever else the machine does meets both.
/// </summary>
internal static class ParquetReadBenchmark
{
    private const int WarmUpRounds = 8;
    private const int Rounds = 21;
    private const int BatchRows = 8192;

    /// <summary>Measures both forms.</summary>
    /// <param name="traces">The folder with the OpenDC traces.</param>
    /// <param name="duckDb">The folder with time.mjs and an installed DuckDB.</param>
    public static IEnumerable<ParquetReadResult> Run(string traces, string duckDb)
    {
        var path = Path.GetFullPath(Path.Combine(traces, "surf_week", "fragments.parquet"));
        yield return Compare(
            "parquet: sum every value of 2.3 million fragments",
            () => SumAll(path),
            duckDb,
            $"SELECT sum(id), sum(duration), sum(cpu_usage) FROM '{path}'");
        yield return Compare(
            "parquet: hold every value of 2.3 million fragments",
            () => HoldAll(path),
            duckDb,
            $"CREATE OR REPLACE TEMP TABLE held AS SELECT * FROM '{path}'");
    }

    private static ParquetReadResult Compare(string name, Func<double> ours, string duckDb, string sql)
    {
        using var theirs = StartTheirs(duckDb, sql);
        var (oursMs, theirsMs) = (new List<double>(), new List<double>());
        for (var round = 0; round < WarmUpRounds + Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            ours();
            var elapsedMs = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            theirs.StandardInput.WriteLine();
            var answer = theirs.StandardOutput.ReadLine()
                ?? throw new InvalidOperationException($"DuckDB ended: {theirs.StandardError.ReadToEnd()}");
            if (round >= WarmUpRounds)
            {
                oursMs.Add(elapsedMs);
                theirsMs.Add(double.Parse(answer, CultureInfo.InvariantCulture));
            }
        }

        theirs.StandardInput.Close();
        theirs.WaitForExit();
        return new ParquetReadResult(name, Median(oursMs), Median(theirsMs));
    }

    private static Process StartTheirs(string duckDb, string sql) => Process.Start(new ProcessStartInfo("node", ["time.mjs", sql])
    {
        WorkingDirectory = duckDb,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static double SumAll(string path)
    {
        using var reader = ParquetReader.Open(path);
        using var ids = reader.Column<int>("id");
        using var durations = reader.Column<long>("duration");
        using var usages = reader.Column<double>("cpu_usage");
        var (idBatch, durationBatch, usageBatch) = (new int[BatchRows], new long[BatchRows], new double[BatchRows]);
        var (idSum, durationSum, usageSum) = (0L, 0L, 0.0);
        int count;
        while ((count = ids.Read(idBatch)) > 0)
        {
            durations.Read(durationBatch);
            usages.Read(usageBatch);
            for (var i = 0; i < count; i++)
            {
                idSum += idBatch[i];
                durationSum += durationBatch[i];
                usageSum += usageBatch[i];
            }
        }

        return idSum + durationSum + usageSum;
    }

    private static double HoldAll(string path)
    {
        using var reader = ParquetReader.Open(path);
        var ids = reader.ReadColumn<int>("id");
        var durations = reader.ReadColumn<long>("duration");
        var usages = reader.ReadColumn<double>("cpu_usage");
        return ids[^1] + durations[^1] + usages[^1];
    }
}
