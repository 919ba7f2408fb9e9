using Tracekit.Trace.Parse;
using Tracekit.Trace.Tasks;

namespace Tracekit.Trace.Audit;

/// <summary>Judges a run from what was counted while it was read. Pure: counts in, report out.</summary>
internal static class Auditor
{
    /// <summary>The most tasks that the report lists one by one; they are the worst observed ones.</summary>
    public const int MaxTaskRows = 1000;

    /// <summary>The report.</summary>
    public static AuditReport Report(AuditInput input)
    {
        var tasks = new TaskSurvey(input);
        var findings = new AuditFindings(input, tasks).All();
        var files = input.Files;
        var worst = tasks.WorstFirst(MaxTaskRows);
        var node = input.Node.Node ?? "?";
        return new AuditReport
        {
            RunId = input.Node.RunId,
            Node = input.Node.Node,
            Verdict = findings.Count == 0 ? AuditVerdict.Pass : (AuditVerdict)findings.Max(f => f.Severity),
            Totals = Totals(input, tasks, files),
            Findings = findings,
            Files = files,
            ClockOffsetMs = new Dictionary<string, double?> { [node] = input.Node.Clock?.OffsetMs },
            ClockErrorMs = new Dictionary<string, double?> { [node] = input.Node.Clock?.ErrorMs },
            ClockShiftMs = new Dictionary<string, long> { [node] = input.ShiftMs },
            Tasks = [.. worst.Select(tasks.Row)],
            TasksLeftOut = tasks.Count - worst.Length,
        };
    }

    private static AuditTotals Totals(AuditInput input, TaskSurvey tasks, FileCount[] files)
    {
        var missing = input.Invocations.MissingByField.Sum();
        return new AuditTotals
        {
            Invocations = input.Invocations.Count,
            Tasks = tasks.Count,
            FailedTasks = tasks.Failed.Count,
            NotStarted = input.Invocations.NotStarted,
            UnfinishedTasks = Math.Max(input.Unfinished, input.Sentinels.Count),
            Samples = input.SampleFile.Lines,
            Windows = input.Windows,
            ProcessLives = input.Lives,
            InvocationsWithMissingFields = input.Invocations.WithMissing,
            MissingFields = missing,
            MissingFieldRate = Ratio(missing, input.Invocations.Count * EventLine.RequiredFields.Count, ofNothing: 0),
            TsOrderViolations = tasks.OutOfOrder.Count,
            TsNotIncreasing = input.Samples.NotIncreasing,
            LateSamples = input.Samples.Late,
            LivesRestarted = input.Samples.Restarts,
            PidMatchRate = Ratio(tasks.Count - tasks.WithoutSamples.Count, tasks.Count, ofNothing: 0),
            TasksWithoutSamples = tasks.WithoutSamples.Count,
            WindowsWithoutTask = input.Tallies.WindowsOfUnknownPid + input.Tallies.WindowsOutsideTasks,
            CpuWithoutTaskMs = Ms(input.Tallies.UnmatchedCpuNs),
            TaskMs = tasks.DurationMs,
            UncoveredMs = tasks.UncoveredMs,
            Coverage = Ratio(tasks.DurationMs - tasks.UncoveredMs, tasks.DurationMs, ofNothing: 0),
            CpuMs = Ms(tasks.CpuNs),
            ChildrenCpuMs = Ms(tasks.ChildrenNs),
            TasksWithCpuTime = tasks.WithCpuTime,
            CpuErrorMs = Ms(tasks.CpuErrorNs),
            MaxCpuErrorMs = Ms(tasks.MaxCpuErrorNs),
            BadLines = files.Sum(f => f.BadLines),
            TornTails = files.Count(f => f.TornTail),
        };
    }

    /// <summary>Nanoseconds in milliseconds.</summary>
    internal static double Ms(long ns) => (double)ns / RunClock.NsPerMs;

    /// <summary>A share, 0 to 1.</summary>
    internal static double Ratio(long part, long whole, double ofNothing) => whole > 0 ? (double)part / whole : ofNothing;
}
