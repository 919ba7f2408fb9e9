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
    /// <summary>The file's size over the time of both steps, in MB/s (10^6 bytes).</summary>
    public double MegabytesPerSecond => Bytes / 1e6 / (ParseSeconds + ExportSeconds);
}

/// <summary>
/// How fast a large run becomes an OpenDC workload, and in how much memory: parse and export of a <c>proc_metrics.jsonl</c>, measured in a process of its own so
/// that its peak is its own.
/// </summary>
internal static class ParseExportBenchmark
{
    /// <summary>First argument of the process that does the work; <c>Main</c> hands such a call to <see cref="RunChild"/>.</summary>
    public const string ChildArgument = "--parse-export-child";

    /// <summary>The sizes measured: memory must not grow from one to the other.</summary>
    public static IReadOnlyList<long> DefaultSizes { get; } = [250_000_000, 1_000_000_000];

    /// <summary>Measures each size; says what it is doing on <paramref name="log"/>.</summary>
    public static IReadOnlyList<ParseExportFigure> Run(TextWriter log, IReadOnlyList<long>? sizes = null)
    {
        var root = Directory.CreateTempSubdirectory("tracekit-bench-").FullName;
        try
        {
            return [.. (sizes ?? DefaultSizes).Select(size => Measure(root, size, log))];
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>The work itself: arguments are <see cref="ChildArgument"/>, the node directory, the output directory.</summary>
    public static int RunChild(IReadOnlyList<string> arguments)
    {
        var node = new RunDirectory(arguments[1]);
        var watch = Stopwatch.StartNew();
        var parsed = RunParser.Parse(node, new ParseOptions());
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

    private static ParseExportFigure Measure(string root, long size, TextWriter log)
    {
        var node = new RunDirectory(Path.Combine(root, $"run-{size}"));
        var workload = new ParseExportWorkload();
        workload.Write(node, size);
        var bytes = new FileInfo(node.ProcMetrics).Length;
        log.WriteLine($"parse-export: {bytes / 1_000_000} MB, {workload.Lines} lines, {workload.Tasks} tasks");

        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
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
