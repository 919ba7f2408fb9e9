namespace Tracekit.Trace.Parse;

/// <summary>What the invocations of a run lack.</summary>
internal sealed class InvocationFaults
{
    /// <summary>The most examples kept.</summary>
    public const int MaxExamples = 10;

    /// <summary>Invocations read.</summary>
    public long Count { get; private set; }

    /// <summary>How many lack each of <see cref="EventLine.RequiredFields"/>.</summary>
    public long[] MissingByField { get; } = new long[EventLine.RequiredFields.Count];

    /// <summary>How many lack at least one.</summary>
    public long WithMissing { get; private set; }

    /// <summary>How many are therefore not in the compact trace.</summary>
    public long LeftOut { get; private set; }

    /// <summary>Some of them.</summary>
    public List<string> Examples { get; } = [];

    /// <summary>Invocations that say why they never became a process; they lack nothing and are no task of the trace.</summary>
    public long NotStarted { get; private set; }

    /// <summary>Some of their reasons.</summary>
    public List<string> NotStartedExamples { get; } = [];

    /// <summary>Requests that no process is known of, as from an access log; they lack nothing, and stand in the wide trace only.</summary>
    public long Requests { get; private set; }

    /// <summary>Invocations whose enqueue time, by a dispatcher's clock, lay after their start; the start stands in its place.</summary>
    public long EnqueuedLater { get; private set; }

    /// <summary>The most that one of them lay after its start, in ms.</summary>
    public long MaxEnqueueSkewMs { get; private set; }

    /// <summary>Trace ids that are no UUID, by task.</summary>
    public Dictionary<int, string> OddTraceIds { get; } = [];

    /// <summary>Invocations that the wide trace does not take, for a further time in them that is out of range.</summary>
    public long NotWide { get; set; }

    /// <summary>Counts an invocation; true when it can stand in the compact trace.</summary>
    public bool Add(Invocation invocation)
    {
        Count++;
        if (invocation is { Pid: null, Error: { } reason })
        {
            NotStarted++;
            if (NotStartedExamples.Count < MaxExamples)
            {
                NotStartedExamples.Add(Printable.Line(reason));
            }

            return false;
        }

        if (invocation is { Pid: null, TsEnqueue: not null, TsStart: not null, TsEnd: not null, TraceId.Length: > 0, Method: not "CLI" } && invocation.Status is not null)
        {
            Requests++;
            return false;
        }

        if (invocation.EnqueueSkewMs is > 0 and var skewMs)
        {
            EnqueuedLater++;
            MaxEnqueueSkewMs = Math.Max(MaxEnqueueSkewMs, skewMs);
        }

        var missing = EventLine.Missing(invocation);
        if (missing == 0)
        {
            return true;
        }

        WithMissing++;
        var names = new List<string>();
        for (var field = 0; field < MissingByField.Length; field++)
        {
            if ((missing & (1 << field)) != 0)
            {
                MissingByField[field]++;
                names.Add(EventLine.RequiredFields[field]);
            }
        }

        if (Examples.Count < MaxExamples)
        {
            Examples.Add($"trace {Printable.Line(invocation.TraceId ?? "?")}: no {string.Join(", ", names)}");
        }

        var stays = (missing & EventLine.Indispensable) == 0;
        LeftOut += stays ? 0 : 1;
        return stays;
    }
}
