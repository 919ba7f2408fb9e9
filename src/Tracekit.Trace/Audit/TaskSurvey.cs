using Tracekit.Trace.Tasks;

namespace Tracekit.Trace.Audit;

/// <summary>Looks at every task once: sums, and which of them have which fault.</summary>
internal sealed class TaskSurvey
{
    private readonly TaskTallies _tallies;
    private readonly Dictionary<int, string> _oddTraceIds;

    /// <summary>Surveys all tasks.</summary>
    public TaskSurvey(AuditInput input)
    {
        _tallies = input.Tallies;
        _oddTraceIds = input.Invocations.OddTraceIds;
        for (var task = 0; task < Count; task++)
        {
            Survey(task, _tallies.All[task], input.TickNs);
        }
    }

    /// <summary>Tasks.</summary>
    public int Count => _tallies.All.Length;

    /// <summary>Their lives added up, in ms.</summary>
    public long DurationMs { get; private set; }

    /// <summary>The part under no window.</summary>
    public long UncoveredMs { get; private set; }

    /// <summary>CPU time in their windows, in ns.</summary>
    public long CpuNs { get; private set; }

    /// <summary>The part of it that was waited-for children's.</summary>
    public long ChildrenNs { get; private set; }

    /// <summary>Tasks whose invocation says its CPU time.</summary>
    public long WithCpuTime { get; private set; }

    /// <summary>|windows − invocation| over these, in ns.</summary>
    public long CpuErrorNs { get; private set; }

    /// <summary>The largest of them.</summary>
    public long MaxCpuErrorNs { get; private set; }

    /// <summary>Tasks that break the order of times.</summary>
    public FaultyTasks OutOfOrder { get; } = new();

    /// <summary>Tasks without a sample.</summary>
    public FaultyTasks WithoutSamples { get; } = new();

    /// <summary>Tasks that have samples which do not cover them.</summary>
    public FaultyTasks Uncovered { get; } = new();

    /// <summary>Tasks whose CPU time is off by more than the samples' resolution explains.</summary>
    public FaultyTasks CpuOff { get; } = new();

    /// <summary>Tasks that failed.</summary>
    public FaultyTasks Failed { get; } = new();

    /// <summary>Tasks with CPU time of children.</summary>
    public FaultyTasks WithChildren { get; } = new();

    /// <summary>One task.</summary>
    public TaskTally this[int task] => _tallies.All[task];

    /// <summary>Names a task in an example.</summary>
    public string Name(int task) => $"trace {TraceId(task) ?? "?"}, pid {this[task].Pid}";

    /// <summary>The tasks that were observed worst, at most <paramref name="limit"/>.</summary>
    public int[] WorstFirst(int limit)
    {
        var order = new int[Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(order, (a, b) =>
        {
            var byFault = Badness(this[b]).CompareTo(Badness(this[a]));
            return byFault != 0 ? byFault : a.CompareTo(b);
        });
        return order[..Math.Min(limit, order.Length)];
    }

    /// <summary>The row of a task.</summary>
    public AuditTask Row(int task)
    {
        var t = this[task];
        var knows = t.CpuTimeNs >= 0;
        return new AuditTask
        {
            TraceId = TraceId(task),
            Pid = t.Pid,
            WaitMs = t.TsStart - t.TsEnqueue,
            DurationMs = t.TsEnd - t.TsStart,
            Windows = t.Windows,
            UncoveredMs = t.UncoveredMs,
            Coverage = Auditor.Ratio(t.DurationMs - t.UncoveredMs, t.DurationMs, ofNothing: t.Windows > 0 ? 1 : 0),
            CpuMs = Auditor.Ms(t.WindowNs),
            ChildrenCpuMs = Auditor.Ms(t.ChildrenNs),
            CpuTimeMs = knows ? Auditor.Ms(t.CpuTimeNs) : null,
            CpuErrorMs = knows ? Auditor.Ms(t.CpuErrorNs) : null,
            Status = t.Status,
        };
    }

    private static (bool OutOfOrder, bool NoSamples, long Ms) Badness(in TaskTally t) =>
        (t.IsOutOfOrder, t.Windows == 0, Amount.Add(t.UncoveredMs, Math.Abs(t.CpuErrorNs) / RunClock.NsPerMs));

    private void Survey(int task, in TaskTally t, long tickNs)
    {
        DurationMs += t.DurationMs;
        UncoveredMs += t.UncoveredMs;
        CpuNs = Amount.Add(CpuNs, t.WindowNs);
        ChildrenNs = Amount.Add(ChildrenNs, t.ChildrenNs);
        OutOfOrder.AddIf(t.IsOutOfOrder, task);
        WithoutSamples.AddIf(t.Windows == 0, task);
        Uncovered.AddIf(t.Windows > 0 && t.UncoveredMs > 0, task);
        Failed.AddIf(t.Failed, task);
        WithChildren.AddIf(t.ChildrenNs > 0, task);
        if (t.CpuTimeNs >= 0)
        {
            WithCpuTime++;
            var errorNs = Math.Abs(t.CpuErrorNs);
            CpuErrorNs = Amount.Add(CpuErrorNs, errorNs);
            MaxCpuErrorNs = Math.Max(MaxCpuErrorNs, errorNs);

            // A tick at either end is what older, coarser samples can be off by.
            CpuOff.AddIf(t.Windows > 0 && errorNs > Math.Max(2 * tickNs, t.CpuTimeNs / 100), task);
        }
    }

    private string? TraceId(int task) =>
        this[task].TraceId is var id && id != Guid.Empty ? id.ToString() : _oddTraceIds.GetValueOrDefault(task);
}

/// <summary>How many tasks have a fault, and the first few of them.</summary>
internal sealed class FaultyTasks
{
    private const int MaxExamples = 10;
    private readonly List<int> _first = [];

    /// <summary>How many.</summary>
    public long Count { get; private set; }

    /// <summary>Some of them.</summary>
    public IReadOnlyList<int> First => _first;

    /// <summary>Notes the task where it has the fault.</summary>
    public void AddIf(bool isFaulty, int task)
    {
        if (!isFaulty)
        {
            return;
        }

        Count++;
        if (_first.Count < MaxExamples)
        {
            _first.Add(task);
        }
    }
}
