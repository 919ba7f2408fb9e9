using System.Text.Json.Serialization;
using Tracekit.Trace.Parse;

namespace Tracekit.Trace.Audit;

/// <summary>What a finding means for whoever uses the trace.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AuditSeverity>))]
public enum AuditSeverity
{
    /// <summary>Worth knowing; the trace is as good as without it.</summary>
    [JsonStringEnumMemberName("info")]
    Info,

    /// <summary>Part of the trace is missing, coarse or estimated.</summary>
    [JsonStringEnumMemberName("warn")]
    Warn,

    /// <summary>The trace says something that cannot be, or nothing.</summary>
    [JsonStringEnumMemberName("fail")]
    Fail,
}

/// <summary>The audit in one word: the worst of its findings.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AuditVerdict>))]
public enum AuditVerdict
{
    /// <summary>Nothing worse than <see cref="AuditSeverity.Info"/>.</summary>
    [JsonStringEnumMemberName("pass")]
    Pass,

    /// <summary>Usable, with losses that are named.</summary>
    [JsonStringEnumMemberName("warn")]
    Warn,

    /// <summary>Not to be relied on before the named faults are understood.</summary>
    [JsonStringEnumMemberName("fail")]
    Fail,
}

/// <summary>One thing that the audit found.</summary>
/// <param name="Severity">How bad.</param>
/// <param name="Code">A name for programs, for example <c>ts_order</c>.</param>
/// <param name="Count">How often.</param>
/// <param name="Message">One sentence for people.</param>
/// <param name="Examples">The first or worst few.</param>
public sealed record AuditFinding(AuditSeverity Severity, string Code, long Count, string Message, IReadOnlyList<string> Examples);

/// <summary>Sums over the whole node directory.</summary>
public sealed record AuditTotals
{
    /// <summary>Invocations read.</summary>
    public long Invocations { get; init; }

    /// <summary>Those in the compact trace.</summary>
    public long Tasks { get; init; }

    /// <summary>Tasks whose status says that they failed.</summary>
    public long FailedTasks { get; init; }

    /// <summary>Invocations that never became a process; they are not among <see cref="Tasks"/>.</summary>
    public long NotStarted { get; init; }

    /// <summary>Tasks that began and did not end before the recording did.</summary>
    public long UnfinishedTasks { get; init; }

    /// <summary>Sample lines read.</summary>
    public long Samples { get; init; }

    /// <summary>Windows in the compact trace.</summary>
    public long Windows { get; init; }

    /// <summary>Process lives in the samples.</summary>
    public long ProcessLives { get; init; }

    /// <summary>Invocations that lack a required field.</summary>
    public long InvocationsWithMissingFields { get; init; }

    /// <summary>Required fields that are missing, over all invocations.</summary>
    public long MissingFields { get; init; }

    /// <summary>The same as a share of all required fields, 0 to 1.</summary>
    public double MissingFieldRate { get; init; }

    /// <summary>Invocations that break <c>ts_enqueue ≤ ts_start ≤ ts_end</c>.</summary>
    public long TsOrderViolations { get; init; }

    /// <summary>Samples that are not later than the one before of the same life.</summary>
    public long TsNotIncreasing { get; init; }

    /// <summary>Windows of negative length in the compact trace; 0 by construction.</summary>
    public long NegativeDt { get; init; }

    /// <summary>Samples that came after their process's exit in the file, and were dropped.</summary>
    public long LateSamples { get; init; }

    /// <summary>Lives that began because a counter went back.</summary>
    public long LivesRestarted { get; init; }

    /// <summary>Share of tasks that have at least one sample, 0 to 1.</summary>
    public double PidMatchRate { get; init; }

    /// <summary>Tasks without a sample.</summary>
    public long TasksWithoutSamples { get; init; }

    /// <summary>Windows that belong to no task.</summary>
    public long WindowsWithoutTask { get; init; }

    /// <summary>CPU time in windows that belong to no task, in ms.</summary>
    public double CpuWithoutTaskMs { get; init; }

    /// <summary>The tasks' lives added up, in ms.</summary>
    public long TaskMs { get; init; }

    /// <summary>The part of it that no window covers, in ms.</summary>
    public long UncoveredMs { get; init; }

    /// <summary>Share of the tasks' lives under windows, 0 to 1.</summary>
    public double Coverage { get; init; }

    /// <summary>CPU time of the tasks as the windows show it, in ms.</summary>
    public double CpuMs { get; init; }

    /// <summary>The part of it that children used which their parents waited for, in ms.</summary>
    public double ChildrenCpuMs { get; init; }

    /// <summary>Tasks whose invocation says its CPU time.</summary>
    public long TasksWithCpuTime { get; init; }

    /// <summary>Over these, |windows − invocation| added up, in ms.</summary>
    public double CpuErrorMs { get; init; }

    /// <summary>The largest of them, in ms.</summary>
    public double MaxCpuErrorMs { get; init; }

    /// <summary>Lines that hold no record, over all files.</summary>
    public long BadLines { get; init; }

    /// <summary>Files whose last line is cut.</summary>
    public long TornTails { get; init; }
}

/// <summary>How well one task was observed.</summary>
public sealed record AuditTask
{
    /// <summary>Its trace id, or null.</summary>
    public string? TraceId { get; init; }

    /// <summary>Process id.</summary>
    public int Pid { get; init; }

    /// <summary>ts_start − ts_enqueue in ms; negative when it started before it was asked for.</summary>
    public long WaitMs { get; init; }

    /// <summary>ts_end − ts_start in ms.</summary>
    public long DurationMs { get; init; }

    /// <summary>Windows that lie in it.</summary>
    public long Windows { get; init; }

    /// <summary>Time under no window, in ms.</summary>
    public long UncoveredMs { get; init; }

    /// <summary>Share of its life under windows, 0 to 1.</summary>
    public double Coverage { get; init; }

    /// <summary>CPU time as the windows show it, in ms.</summary>
    public double CpuMs { get; init; }

    /// <summary>The part of it that was waited-for children's, in ms.</summary>
    public double ChildrenCpuMs { get; init; }

    /// <summary>CPU time as the invocation says it, in ms, or null.</summary>
    public double? CpuTimeMs { get; init; }

    /// <summary>Windows minus invocation, in ms, or null.</summary>
    public double? CpuErrorMs { get; init; }

    /// <summary>Exit code or HTTP status.</summary>
    public int Status { get; init; }
}

/// <summary>The audit of one node directory: <c>CTS/audit.json</c>.</summary>
public sealed record AuditReport
{
    /// <summary>The run.</summary>
    public string? RunId { get; init; }

    /// <summary>The node.</summary>
    public string? Node { get; init; }

    /// <summary>The worst of <see cref="Findings"/>.</summary>
    public AuditVerdict Verdict { get; init; }

    /// <summary>Sums over everything.</summary>
    public AuditTotals Totals { get; init; } = new();

    /// <summary>What was found, worst first.</summary>
    public IReadOnlyList<AuditFinding> Findings { get; init; } = [];

    /// <summary>What reading each file came to.</summary>
    public IReadOnlyList<FileCount> Files { get; init; } = [];

    /// <summary>By node: the reference clock minus its clock in ms, or null when nobody measured it or it is not usable.</summary>
    public IReadOnlyDictionary<string, double?> ClockOffsetMs { get; init; } = new Dictionary<string, double?>();

    /// <summary>By node: how far the true offset may lie from <see cref="ClockOffsetMs"/>, in ms, or null.</summary>
    public IReadOnlyDictionary<string, double?> ClockErrorMs { get; init; } = new Dictionary<string, double?>();

    /// <summary>By node: what was added to every time in the compact trace and in this report, in ms.</summary>
    public IReadOnlyDictionary<string, long> ClockShiftMs { get; init; } = new Dictionary<string, long>();

    /// <summary>The worst observed tasks, worst first; at most <see cref="Auditor.MaxTaskRows"/>.</summary>
    public IReadOnlyList<AuditTask> Tasks { get; init; } = [];

    /// <summary>Tasks that are not in <see cref="Tasks"/>. The totals cover them.</summary>
    public long TasksLeftOut { get; init; }
}
