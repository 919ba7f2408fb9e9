using System.Globalization;
using System.Runtime.InteropServices;
using Tracekit.Linux;

namespace Tracekit.Bench;

/// <summary>The results, on the terminal and in docs/benchmarks.md.</summary>
internal static class BenchReport
{
    private const string Begin = "<!-- results: written by make bench -->";
    private const string End = "<!-- end of results -->";

    /// <summary>Prints one block a row.</summary>
    public static void Print(IEnumerable<BenchRow> rows)
    {
        foreach (var row in rows)
        {
            Console.WriteLine($"{(row.IsMet ? "met " : "MISS")} {row.What}\n       {row.Result} (goal {row.Goal}); ours {row.Ours}; reference {row.Reference}");
        }
    }

    /// <summary>Replaces the results in the document; what is written around them stays.</summary>
    public static void Write(IEnumerable<BenchRow> rows, string path)
    {
        var text = File.ReadAllText(path);
        var begin = text.IndexOf(Begin, StringComparison.Ordinal);
        var end = text.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
        {
            throw new InvalidOperationException($"{path} has no place for results");
        }

        string[] lines =
        [
            Begin,
            "",
            $"Measured on {Machine()}, on {DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}.",
            "",
            "| what | ours | reference, same run | result | goal | |",
            "|---|---|---|---|---|---|",
            .. rows.Select(r => $"| {r.What} | {r.Ours} | {r.Reference} | **{r.Result}** | {r.Goal} | {(r.IsMet ? "met" : "missed")} |"),
            "",
        ];
        File.WriteAllText(path, text[..begin] + string.Join('\n', lines) + "\n" + text[end..]);
    }

    private static string Machine()
    {
        var cpu = ProcCpuInfo.Parse(File.ReadAllText("/proc/cpuinfo"));
        var memory = ProcMemInfo.Parse(File.ReadAllText("/proc/meminfo"));
        return $"{cpu.Model}, {CpuAffinity.Allowed().Count} cores, {memory.TotalKb / 1024 / 1024} GiB, "
            + $"Linux {Environment.OSVersion.Version}, {RuntimeInformation.FrameworkDescription}";
    }
}
