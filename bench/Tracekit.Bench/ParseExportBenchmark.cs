using System.Diagnostics;
using System.Globalization;
using Tracekit.Model;
using Tracekit.Trace.Audit;
using Tracekit.Trace.OpenDc;
using Tracekit.Trace.Parse;

namespace Tracekit.Bench;

/// <summary>What parsing and exporting a run of one size took.</summary>
/// <param name="Bytes">Size of <c>proc_metrics.jsonl</c>.</param>
/// <param name="Lines">Its lines.</param>
/// <param name="Tasks">Tasks in the run.</param>
/// <param name="ParseSeconds">Parse with audit.</param>
/// <param name="ExportSeconds">Export.</param>
/// <param name="PeakRssKb">VmHWM of the process that did both.</param>
internal sealed record ParseExportFigure(long Bytes, long Lines, int Tasks, double ParseSeconds, double ExportSeconds, long PeakRssKb)
{
    /// <summary>The peak in MB (10^6 bytes).</summary>
    public double PeakMegabytes => PeakRssKb * 1024 / 1e6;

    /// <summary>The file's size over the time of both steps, in MB/s (10^6 bytes).</summary>
    public double MegabytesPerSecond => Bytes / 1e6 / (ParseSeconds + ExportSeconds);
}

/// <summary>
/// How fast a large run becomes an OpenDC workload, and in how much memory: parse and export of a <c>proc_metrics.jsonl</c>, measured in a
/// process of its own so
/// that its peak is its own.
/// </summary>
internal static class ParseExportBenchmark
{
    /// <summary>First argument of the process that does the work; <c>Main</c> hands such a call to <see cref="RunChild"/>.</summary>
    public const string ChildArgument = "--parse-export-child";

    private const double GoalMegabytesPerSecond = 150;
    private const double GoalPeakMegabytes = 250;
    private const double GoalGrowth = 1.25;
    private const long Small = 250_000_000;
    private const long Large = 1_000_000_000;

    /// <summary>Measures a quarter of a GB and a whole one: speed, peak memory, and that memory does not grow with the file.</summary>
    public static IEnumerable<BenchRow> Run()
    {
        using var directory = new ScratchDirectory();
        var small = Measure(directory.Path, Small);
        var large = Measure(directory.Path, Large);
        foreach (var figure in (ParseExportFigure[])[small, large])
        {
            var what = $"{figure.Bytes / 1_000_000} MB, {figure.Lines} lines, {figure.Tasks} tasks";
            yield return new BenchRow(
                $"parse and export {what}: speed",
                $"{figure.ParseSeconds:0.00} s + {figure.ExportSeconds:0.00} s",
                "-",
                $"{figure.MegabytesPerSecond:0} MB/s",
                $"at least {GoalMegabytesPerSecond} MB/s",
                figure.MegabytesPerSecond >= GoalMegabytesPerSecond);
        }

        yield return new BenchRow(
            "parse and export: peak RSS of the process",
            $"{large.PeakMegabytes:0} MB",
            "-",
            $"{large.PeakMegabytes:0} MB",
            $"at most {GoalPeakMegabytes} MB",
            large.PeakMegabytes <= GoalPeakMegabytes);
        var growth = large.PeakMegabytes / small.PeakMegabytes;
        yield return new BenchRow(
            "parse and export: peak RSS when the file is four times as large",
            $"{large.PeakMegabytes:0} MB",
            $"{small.PeakMegabytes:0} MB",
            $"{growth:0.00} times",
            $"at most {GoalGrowth} times",
            growth <= GoalGrowth);
    }

    /// <summary>The work itself: arguments are <see cref="ChildArgument"/>, the node directory, the output directory.</summary>
    public static int RunChild(IReadOnlyList<string> arguments)
    {
        var node = new RunDirectory(arguments[1]);
        var watch = Stopwatch.StartNew();

        // What an export needs; the wide copy of the samples is for other simulators, and its cost is that of writing twice the bytes.
        var parsed = RunParser.Parse(node, new ParseOptions { WideSamples = false });
        var parseSeconds = watch.Elapsed.TotalSeconds;
        watch.Restart();
        OpenDcExporter.Export([node], arguments[2], new ExportOptions());
        var exportSeconds = watch.Elapsed.TotalSeconds;
        if (parsed.Audit.Verdict != AuditVerdict.Pass)
        {
            Console.Error.WriteLine($"the audit of the generated run says {parsed.Audit.Verdict}: {parsed.Audit.Findings[0].Message}");
            return 1;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{parseSeconds} {exportSeconds} {PeakRssKb()}"));
        return 0;
    }

    /// <summary>Generates a run of about <paramref name="size"/> bytes under <paramref name="root"/> and measures it.</summary>
    public static ParseExportFigure Measure(string root, long size)
    {
        var node = new RunDirectory(Path.Combine(root, $"run-{size}"));
        var workload = new ParseExportWorkload();
        workload.Write(node, size);
        var bytes = new FileInfo(node.ProcMetrics).Length;
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };

        // As the program itself is built.
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var argument in ChildArguments(node.Path, Path.Combine(root, "out")))
        {
            start.ArgumentList.Add(argument);
        }

        using var child = Process.Start(start)!;
        var line = child.StandardOutput.ReadToEnd();
        child.WaitForExit();
        if (child.ExitCode != 0)
        {
            throw new InvalidOperationException($"parse-export: the measured process failed with exit code {child.ExitCode}");
        }

        Directory.Delete(node.Path, recursive: true);
        var fields = line.Split(' ', StringSplitOptions.TrimEntries);
        return new ParseExportFigure(
            bytes,
            workload.Lines,
            workload.Tasks,
            double.Parse(fields[0], CultureInfo.InvariantCulture),
            double.Parse(fields[1], CultureInfo.InvariantCulture),
            long.Parse(fields[2], CultureInfo.InvariantCulture));
    }

    private static IEnumerable<string> ChildArguments(string node, string output)
    {
        // Started through `dotnet X.dll` this process is dotnet, and the child needs to be told of X.dll as well.
        var program = Environment.GetCommandLineArgs()[0];
        return Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [program, ChildArgument, node, output]
            : [ChildArgument, node, output];
    }

    private static long PeakRssKb()
    {
        const string Field = "VmHWM:";
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(Field, StringComparison.Ordinal));
        return long.Parse(line[Field.Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture);
    }
}
