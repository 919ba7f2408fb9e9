namespace Tracekit.Trace.Tasks;

/// <summary>What the audit gathers about one task while the samples pass by; one array element a task.</summary>
internal struct TaskTally
{
    /// <summary>The trace id when it is a UUID.</summary>
    public Guid TraceId;

    /// <summary>Process id.</summary>
    public int Pid;

    /// <summary>Exit code or HTTP status.</summary>
    public int Status;

    /// <summary>True when <see cref="Status"/> says that the task failed.</summary>
    public bool Failed;

    /// <summary>When it was asked for, began and ended, in ms.</summary>
    public long TsEnqueue, TsStart, TsEnd;

    /// <summary>CPU time that the invocation says, in ns; −1 when it does not.</summary>
    public long CpuTimeNs;

    /// <summary>CPU time that windows show within the task, in ns.</summary>
    public long WindowNs;

    /// <summary>The part of it that was waited-for children's.</summary>
    public long ChildrenNs;

    /// <summary>Time under windows, in ms.</summary>
    public long CoveredMs;

    /// <summary>Windows that lie in it at least partly, those without length included.</summary>
    public long Windows;

    /// <summary>ts_end − ts_start; 0 when that is negative.</summary>
    public readonly long DurationMs => Math.Max(0, TsEnd - TsStart);

    /// <summary>Time under no window, in ms.</summary>
    public readonly long UncoveredMs => Math.Max(0, DurationMs - CoveredMs);

    /// <summary>Windows' CPU time minus the invocation's, in ns; 0 when that is not known.</summary>
    public readonly long CpuErrorNs => CpuTimeNs < 0 ? 0 : WindowNs - CpuTimeNs;

    /// <summary>True unless ts_enqueue ≤ ts_start ≤ ts_end.</summary>
    public readonly bool IsOutOfOrder => TsEnqueue > TsStart || TsStart > TsEnd;
}
