using System.Globalization;
using Tracekit.Trace.Parse;

namespace Tracekit.Trace.Audit;

/// <summary>Turns counts into findings: one method a group of faults, each fault with its code, its weight and its sentence.</summary>
internal sealed class AuditFindings(AuditInput input, TaskSurvey tasks)
{
    private readonly List<AuditFinding> _findings = [];

    /// <summary>All findings, worst first.</summary>
    public IReadOnlyList<AuditFinding> All()
    {
        Files();
        Invocations();
        Samples();
        Observation();
        Ends();
        Clock();
        return [.. _findings.OrderByDescending(f => f.Severity)];
    }

    private void Clock()
    {
        const long UsualIntervalMs = 200;
        var intervalMs = input.Node.SampleIntervalMs ?? UsualIntervalMs;
        if (input.Node.Clock is { } clock && Math.Abs(clock.OffsetMs) > intervalMs)
        {
            AddOnce(
                AuditSeverity.Warn,
                "clock_offset",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the clock of this node is {Math.Abs(clock.OffsetMs):0.0} ms {(clock.OffsetMs > 0 ? "behind" : "ahead of")} the reference clock (± {clock.ErrorMs:0.0} ms), more than the {intervalMs} ms between samples; {ShiftWords(clock)}: set the clock (chrony, ntp)"));
        }
        else if (input.Node is { Clock: null, ClockOffsetMs: not null })
        {
            AddOnce(
                AuditSeverity.Warn,
                "clock_offset_unusable",
                "clock_offset_ms or clock_error_ms in node_meta.json is missing or no measurement; no time is shifted, and times of several nodes may not fit together");
        }

        var skew = input.Invocations;
        Add(
            skew.MaxEnqueueSkewMs > intervalMs ? AuditSeverity.Warn : AuditSeverity.Info,
            "enqueue_skew",
            skew.EnqueuedLater,
            $"invocations were asked for after their start by the dispatcher's clock, by up to {skew.MaxEnqueueSkewMs} ms; their wait counts as 0",
            []);
    }

    private static string ShiftWords(ClockOffset clock) => clock.ShiftMs == 0
        ? "that is within the error, so the compact trace is not shifted"
        : string.Create(CultureInfo.InvariantCulture, $"the compact trace is shifted by {clock.ShiftMs} ms");

    private void Files()
    {
        var files = input.Files;
        var bad = files.Where(f => f.BadLines > 0).ToArray();
        Add(
            AuditSeverity.Warn,
            "bad_lines",
            bad.Sum(f => f.BadLines),
            "lines hold no usable record (no JSON, a wrong type, a number out of range, too long); they were skipped",
            bad.Select(f => $"{f.File}: {f.BadLines} lines{(f.FirstBadLine > 0 ? $", the first is line {f.FirstBadLine}" : "")}"));
        var torn = files.Where(f => f.TornTail).ToArray();
        Add(
            AuditSeverity.Info,
            "torn_tail",
            torn.Length,
            "files end in the middle of a line: their writer was killed; the rest of the file counts",
            torn.Select(f => f.File));
    }

    // A collector alone records samples and no tasks.
    private bool IsCollectedOnly => input.EventFiles.All(f => f.Lines + f.BadLines == 0) && input.Windows > 0;

    private void Invocations()
    {
        var faults = input.Invocations;
        if (IsCollectedOnly)
        {
            AddOnce(
                AuditSeverity.Info,
                "collected_only",
                "nobody recorded invocations here: these are samples of processes and the machine; 'tracekit exec' or 'import access-log' records tasks");
        }
        else if (faults.Count == faults.NotStarted + faults.Requests)
        {
            AddOnce(AuditSeverity.Fail, "no_invocations", "no invocation in events.*.jsonl is of a process: nothing ran to its end here");
        }

        Add(
            AuditSeverity.Info,
            "requests_without_pid",
            faults.Requests,
            "requests name no process: they are in the wide trace, and no tasks of the compact one",
            []);
        Add(
            AuditSeverity.Fail,
            "missing_fields",
            faults.WithMissing,
            $"invocations lack a required field; {faults.LeftOut} of them cannot stand in the compact trace",
            faults.Examples);
        Add(
            AuditSeverity.Fail,
            "ts_order",
            tasks.OutOfOrder.Count,
            "invocations break ts_enqueue ≤ ts_start ≤ ts_end",
            tasks.OutOfOrder.First.Select(OrderExample));
    }

    private void Samples()
    {
        var faults = input.Samples;
        Add(
            AuditSeverity.Warn,
            "ts_not_increasing",
            faults.NotIncreasing,
            "samples are not later than the one before of the same process; their time went into the next window",
            faults.NotIncreasingExamples.Select(e => $"pid {e.Pid}: {e.TsMs} after {e.PreviousTsMs}"));
        Add(
            AuditSeverity.Warn,
            "lives_restarted",
            faults.Restarts,
            "times a CPU counter went back: a pid was used again and the start of its new process was not seen",
            faults.RestartExamples.Select(e => $"pid {e.Pid} at {e.TsMs}"));
        Add(
            AuditSeverity.Warn,
            "lives_forgotten",
            faults.Forgotten,
            $"processes were dropped from memory because more than {ProcessLives.MaxOpenLives} were open at once; one that showed up again began anew",
            []);
        Add(
            AuditSeverity.Info,
            "late_samples",
            faults.Late,
            "samples stand after their process's exit in the file and were dropped; the exit already says all they say",
            []);
        Add(
            AuditSeverity.Info,
            "exit_below_ticks",
            faults.ExitBelowTicks,
            $"exits say less CPU time than the ticks before them, {Auditor.Ms(faults.ExitBelowTicksNs):0.######} ms in all: rounding of the ticks",
            []);
        SamplesWithoutTask();
    }

    private void SamplesWithoutTask()
    {
        // Where tasks are known to be unfinished, or nobody recorded any, their samples are no surprise.
        var isExplained = input.Unfinished > 0 || input.Sentinels.Count > 0 || IsCollectedOnly;
        Add(
            isExplained ? AuditSeverity.Info : AuditSeverity.Warn,
            "samples_without_invocation",
            input.Tallies.WindowsOfUnknownPid,
            "windows are of processes that no invocation tells of",
            input.Tallies.UnknownPids.Select(p => $"pid {p}"));
        Add(
            AuditSeverity.Info,
            "samples_outside_tasks",
            input.Tallies.WindowsOutsideTasks,
            "windows are of a task's pid, at a time when no task had it",
            []);
    }

    private void Observation()
    {
        if (input.Windows == 0)
        {
            AddOnce(AuditSeverity.Warn, "no_samples", "there are no process samples: was the collector running?");
        }
        else
        {
            var unseen = tasks.WithoutSamples;
            Add(AuditSeverity.Warn, "tasks_without_samples", unseen.Count, "tasks have no sample at all", unseen.First.Select(tasks.Name));
        }

        Add(
            AuditSeverity.Warn,
            "uncovered_time",
            tasks.Uncovered.Count,
            $"tasks have time under no sample; over all tasks {OfMs(tasks.UncoveredMs, tasks.DurationMs)}",
            tasks.Uncovered.First.Select(t => $"{tasks.Name(t)}: {OfMs(tasks[t].UncoveredMs, tasks[t].DurationMs)}"));
        Add(
            AuditSeverity.Warn,
            "cpu_not_conserved",
            tasks.CpuOff.Count,
            "tasks have windows whose CPU time is not what their invocation says, by more than 1 % and two clock ticks",
            tasks.CpuOff.First.Select(t => $"{tasks.Name(t)}: {Ms(tasks[t].WindowNs)} in windows, {Ms(tasks[t].CpuTimeNs)} in the invocation"));
        Add(
            AuditSeverity.Info,
            "children_cpu",
            tasks.WithChildren.Count,
            $"tasks used CPU time through children they waited for, {Ms(tasks.ChildrenNs)} in all; the kernel shows it only when a child ends",
            tasks.WithChildren.First.Select(t => $"{tasks.Name(t)}: {Ms(tasks[t].ChildrenNs)} of {Ms(tasks[t].WindowNs)}"));
    }

    private void Ends()
    {
        Add(
            IsCollectedOnly ? AuditSeverity.Info : AuditSeverity.Warn,
            "unfinished_tasks",
            input.Unfinished,
            IsCollectedOnly
                ? "processes have a start and no exit: they were running when collecting ended"
                : "processes have a start but neither an exit nor an invocation: the run was cut short",
            input.UnfinishedExamples.Select(e => $"pid {e.Pid}, started at {e.StartTsMs}"));
        Add(
            AuditSeverity.Warn,
            "sentinels_left",
            input.Sentinels.Count,
            "sentinels are left in pids/: these tasks were running when the run was cut short",
            input.Sentinels.Take(SampleFaults.MaxExamples).Select(p => $"pid {p}"));
        Add(
            AuditSeverity.Info,
            "not_started",
            input.Invocations.NotStarted,
            "tasks never became a process and are not in the trace",
            input.Invocations.NotStartedExamples);
        Add(
            AuditSeverity.Info,
            "failed_tasks",
            tasks.Failed.Count,
            "tasks failed",
            tasks.Failed.First.Select(t => $"{tasks.Name(t)}: status {tasks[t].Status}"));
    }

    private string OrderExample(int task)
    {
        var t = tasks[task];
        return t.TsEnqueue > t.TsStart
            ? $"{tasks.Name(task)}: wait {t.TsStart - t.TsEnqueue} ms (asked for at {t.TsEnqueue}, started at {t.TsStart})"
            : $"{tasks.Name(task)}: duration {t.TsEnd - t.TsStart} ms (started at {t.TsStart}, ended at {t.TsEnd})";
    }

    private static string OfMs(long part, long whole) => $"{part} of {whole} ms, {100 * Auditor.Ratio(part, whole, ofNothing: 0):0.0} %";

    private static string Ms(long ns) => $"{Auditor.Ms(ns):0.###} ms";

    private void AddOnce(AuditSeverity severity, string code, string message) => _findings.Add(new AuditFinding(severity, code, 1, message, []));

    private void Add(AuditSeverity severity, string code, long count, string message, IEnumerable<string> examples)
    {
        if (count > 0)
        {
            _findings.Add(new AuditFinding(severity, code, count, $"{count} {message}", [.. examples]));
        }
    }
}
