using System.Globalization;
using Spectre.Console;
using Tracekit.Cli.Display;
using Tracekit.Trace.Audit;

namespace Tracekit.Cli.Run;

/// <summary>The report for people.</summary>
internal static class ReportTables
{
    private const int WidthWithoutTerminal = 120;

    /// <summary>Writes it to standard output.</summary>
    public static void Write(RunReport report)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = WidthWithoutTerminal;
        }

        if (report.Profiles.Count > 0)
        {
            console.Write(Profiles(report.Profiles));
        }

        Console.WriteLine($"{Tasks(report)} in {Seconds(report.MakespanMs)}, {Number(report.ThroughputPerHour, "0")} tasks an hour");
        Console.WriteLine(Collector(report.Collector));
        if (report.Audit is { } audit)
        {
            Console.WriteLine($"audit     {audit.ToString().ToLowerInvariant()}");
            Verdict.WriteFindings(report.Findings, Console.Out);
        }

        if (report.Export is { } export)
        {
            Console.WriteLine($"export    {export.Tasks} tasks, {export.Fragments} fragments, {Number(export.CpuMs / 1000, "0.000")} CPU seconds");
            ExportNotes.Write(export, Console.Out);
            Console.WriteLine(report.VerifyFaults.Count == 0 ? "verify    no fault" : $"verify    {report.VerifyFaults.Count} faults");
            foreach (var fault in report.VerifyFaults)
            {
                Console.WriteLine($"  {fault}");
            }
        }

        Console.WriteLine("written");
        foreach (var file in report.Files)
        {
            Console.WriteLine($"  {file}");
        }
    }

    private static Table Profiles(IReadOnlyList<ProfileReport> profiles)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("profile");
        foreach (var column in (string[])["tasks", "failed", "wait p50", "wait p95", "run p50", "run p95", "CPU s", "mean cores", "peak MiB"])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var p in profiles)
        {
            table.AddRow(
                Markup.Escape(p.Profile),
                Number(p.Tasks, "0"),
                Number(p.Failed, "0"),
                Seconds(p.WaitP50Ms),
                Seconds(p.WaitP95Ms),
                Seconds(p.RunP50Ms),
                Seconds(p.RunP95Ms),
                Number(p.CpuS, "0.00"),
                Number(p.MeanCores, "0.00"),
                Number(p.PeakRssKb / 1024.0, "0"));
        }

        return table;
    }

    private static string Tasks(RunReport report)
    {
        var text = $"{report.Succeeded} of {report.Tasks} tasks done";
        text += report.Failed > 0 ? $", {report.Failed} failed" : "";
        text += report.RanElsewhere > 0 ? $", {report.RanElsewhere} on other machines" : "";
        text += report.NotRun > 0 ? $", {report.NotRun} not run" : "";
        return report.Interrupted ? text + ", interrupted" : text;
    }

    private static string Collector(CollectorReport collector)
    {
        var (ticks, missed, samples) = collector.Counts;
        var text = $"collector {samples} samples in {ticks} ticks, {missed} missed";
        return collector.DroppedSamples > 0 ? $"{text}; {collector.DroppedSamples} samples not written: {collector.DropReason}" : text;
    }

    private static string Seconds(double ms) => Number(ms / 1000, "0.00") + " s";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
