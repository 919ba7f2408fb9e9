using System.Text;

namespace Tracekit.Trace.Audit;

/// <summary>The audit for people: <c>CTS/audit_report.md</c>.</summary>
internal static class AuditMarkdown
{
    private const int MaxTaskRows = 20;

    /// <summary>The report as Markdown, in UTF-8.</summary>
    public static byte[] Write(AuditReport report)
    {
        var text = new StringBuilder();
        text.Append($"# Audit of run {Cell(report.RunId)} on node {Cell(report.Node)}\n\n");
        text.Append($"Verdict: **{Word(report.Verdict)}**. {Explain(report.Verdict)}\n\n");
        Findings(text, report.Findings);
        Counts(text, report);
        Files(text, report);
        Tasks(text, report);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string Explain(AuditVerdict verdict) => verdict switch
    {
        AuditVerdict.Pass => "Every task was observed from its first to its last millisecond, as far as the files can tell.",
        AuditVerdict.Warn => "The trace can be used; what it lacks is named below.",
        _ => "The trace says things that cannot be, or lacks what it is about; look at the findings marked `fail` before using it.",
    };

    private static void Findings(StringBuilder text, IReadOnlyList<AuditFinding> findings)
    {
        text.Append("## Findings\n\n");
        if (findings.Count == 0)
        {
            text.Append("None.\n\n");
            return;
        }

        foreach (var finding in findings)
        {
            text.Append($"- `{Word(finding.Severity)}` **{finding.Code}**: {finding.Message}.\n");
            foreach (var example in finding.Examples)
            {
                text.Append($"  - {Cell(example)}\n");
            }

            if (finding.Examples.Count > 0 && finding.Examples.Count < finding.Count && finding.Code != "bad_lines")
            {
                text.Append($"  - and {finding.Count - finding.Examples.Count} more\n");
            }
        }

        text.Append('\n');
    }

    private static void Counts(StringBuilder text, AuditReport report)
    {
        var t = report.Totals;
        text.Append("## Counts\n\n| what | |\n|---|---|\n");
        Row("invocations", $"{t.Invocations}");
        Row("of these in the compact trace", $"{t.Tasks}");
        Row("failed tasks", $"{t.FailedTasks}");
        Row("tasks that never became a process", $"{t.NotStarted}");
        Row("unfinished tasks", $"{t.UnfinishedTasks}");
        Row("process samples", $"{t.Samples}");
        Row("windows in the compact trace", $"{t.Windows}");
        Row("process lives seen", $"{t.ProcessLives}");
        Row("missing fields", $"{t.MissingFields} in {t.InvocationsWithMissingFields} invocations, rate {Percent(t.MissingFieldRate)}");
        Row("`ts_enqueue ≤ ts_start ≤ ts_end` violations", $"{t.TsOrderViolations}");
        Row("per-pid strictly increasing ts_ms violations", $"{t.TsNotIncreasing}");
        Row("negative dt_ms", $"{t.NegativeDt}");
        Row("late samples dropped", $"{t.LateSamples}");
        Row("process lives restarted", $"{t.LivesRestarted}");
        Row("PID match rate", Percent(t.PidMatchRate));
        Row("invocations without samples", $"{t.TasksWithoutSamples}");
        Row("windows without an invocation", $"{t.WindowsWithoutTask}, {t.CpuWithoutTaskMs:0.###} ms of CPU time");
        Row("task time under samples", $"{Percent(t.Coverage)} ({t.UncoveredMs} of {t.TaskMs} ms uncovered)");
        Row("CPU time in windows", $"{t.CpuMs:0.###} ms, of which children's {t.ChildrenCpuMs:0.###} ms");
        Row("CPU-conservation error", t.TasksWithCpuTime == 0
            ? "not known: no invocation says its CPU time"
            : $"{t.CpuErrorMs:0.######} ms over {t.TasksWithCpuTime} tasks, at most {t.MaxCpuErrorMs:0.######} ms in one");
        foreach (var (node, offset) in report.ClockOffsetMs)
        {
            Row(
                $"clock offset of {Cell(node)}",
                offset is { } ms ? $"{ms:0.###} ± {report.ClockErrorMs[node]:0.###} ms; times here and in the compact trace are shifted by {report.ClockShiftMs[node]} ms" : "not known");
        }

        text.Append('\n');
        void Row(string what, string value) => text.Append($"| {what} | {value} |\n");
    }

    private static void Files(StringBuilder text, AuditReport report)
    {
        text.Append("## Files\n\n| file | records | bad lines | torn tail |\n|---|---|---|---|\n");
        foreach (var file in report.Files)
        {
            text.Append($"| {Cell(file.File)} | {file.Lines} | {file.BadLines} | {(file.TornTail ? "yes" : "no")} |\n");
        }

        text.Append('\n');
    }

    private static void Tasks(StringBuilder text, AuditReport report)
    {
        text.Append("## Tasks, the worst observed first\n\n");
        text.Append("| trace | pid | wait ms | duration ms | windows | uncovered ms | uncovered | CPU ms in windows | CPU ms in invocation |\n");
        text.Append("|---|---|---|---|---|---|---|---|---|\n");
        foreach (var t in report.Tasks.Take(MaxTaskRows))
        {
            text.Append($"| {Cell(t.TraceId)} | {t.Pid} | {t.WaitMs} | {t.DurationMs} | {t.Windows} | {t.UncoveredMs} | {Percent(1 - t.Coverage)} ");
            text.Append($"| {t.CpuMs:0.###} | {(t.CpuTimeMs is { } ms ? $"{ms:0.###}" : "?")} |\n");
        }

        var more = report.Totals.Tasks - Math.Min(report.Tasks.Count, MaxTaskRows);
        if (more > 0)
        {
            text.Append($"\nand {more} more; `audit.json` lists up to {Auditor.MaxTaskRows}.\n");
        }
    }

    private static string Percent(double share) => $"{100 * share:0.0} %";

    private static string Word(AuditVerdict verdict) => verdict switch { AuditVerdict.Pass => "pass", AuditVerdict.Warn => "warn", _ => "fail" };

    private static string Word(AuditSeverity severity) => severity switch { AuditSeverity.Info => "info", AuditSeverity.Warn => "warn", _ => "fail" };

    /// <summary>Text from a file as it may stand in a table.</summary>
    private static string Cell(string? text) => Printable.Line(text ?? "?").Replace("|", "\\|", StringComparison.Ordinal);
}
