using Tracekit.Trace.Lines;

namespace Tracekit.Trace.OpenDc;

/// <summary>The tasks of all nodes in order of submission, with their ids.</summary>
internal sealed class TaskTable
{
    private TaskTable(ExportTask[] tasks) => Tasks = tasks;

    /// <summary>The tasks; their index names them.</summary>
    public ExportTask[] Tasks { get; }

    /// <summary>Where their ids came from.</summary>
    public TaskIdMode IdMode { get; private set; }

    /// <summary>Tasks that had no length.</summary>
    public long ZeroLength { get; private set; }

    /// <summary>Lines that hold no usable invocation.</summary>
    public long BadLines { get; private set; }

    /// <summary>Reads <c>CTS/invocations.jsonl</c> of every node.</summary>
    /// <exception cref="TracekitException">There is no task in them, or pids clash where they are to be ids.</exception>
    public static TaskTable Read(IReadOnlyList<ExportNode> nodes, TaskIdMode mode, CancellationToken cancellation)
    {
        var tasks = new List<ExportTask>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        long bad = 0;
        long zeroLength = 0;
        for (var node = 0; node < nodes.Count; node++)
        {
            var index = node;
            bad += ReadInvocations(nodes[node].Files.Invocations, invocation =>
            {
                cancellation.ThrowIfCancellationRequested();
                if (!IsUsable(invocation))
                {
                    bad++;
                    return;
                }

                zeroLength += invocation.TsEnd <= invocation.TsStart ? 1 : 0;
                tasks.Add(From(invocation, index, names));
            });
        }

        if (tasks.Count == 0)
        {
            throw new TracekitException($"{nodes[0].Files.Invocations}: holds no invocation, so there is nothing to export; look at {nodes[0].Files.AuditReport}");
        }

        var table = new TaskTable([.. tasks]) { BadLines = bad, ZeroLength = zeroLength };
        table.Sort();
        table.GiveIds(nodes, mode);
        return table;
    }

    private static long ReadInvocations(string path, Action<CtsInvocation> each)
    {
        try
        {
            return JsonLines.Read(path, TraceJson.Default.CtsInvocation, each).BadLines;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{path}: cannot read: {e.Message}", e);
        }
    }

    private static bool IsUsable(CtsInvocation i) =>
        FieldLimits.IsPid(i.Pid) && FieldLimits.IsTime(i.TsEnqueue) && FieldLimits.IsTime(i.TsStart) && FieldLimits.IsTime(i.TsEnd)
        && i.CpuUnits is null or (>= 0 and <= FieldLimits.MaxCores)
        && (i.MaxRssKb is null || FieldLimits.IsRss(i.MaxRssKb.Value))
        && i.CpuTimeMs is null or (>= 0 and <= (double)FieldLimits.MaxCpuNs / RunClock.NsPerMs);

    private static ExportTask From(CtsInvocation i, int node, Dictionary<string, string> names) => new()
    {
        Node = node,
        Pid = i.Pid,
        CpuUnits = i.CpuUnits ?? 0,
        SubmissionMs = i.TsEnqueue,
        StartMs = i.TsStart,
        EndMs = Math.Max(i.TsEnd, i.TsStart + 1),
        KnownCpuNs = i.CpuTimeMs is { } ms ? (long)Math.Round(ms * RunClock.NsPerMs) : -1,
        // Our launcher says CPU time always and children's only where there is some; who says neither may have had any.
        ChildrenMayCome = i.CpuChildrenMs > 0 || (i.CpuChildrenMs is null && i.CpuTimeMs is null),
        PeakRssKb = i.MaxRssKb ?? 0,
        Name = Name(i, names),
    };

    private static string? Name(CtsInvocation i, Dictionary<string, string> names)
    {
        const int MaxNames = 100_000;
        var name = $"{i.Profile ?? i.ModuleId} {i.Input}".Trim();
        if (name.Length == 0)
        {
            return null;
        }

        if (names.TryGetValue(name, out var shared))
        {
            return shared;
        }

        if (names.Count < MaxNames)
        {
            names.Add(name, name);
        }

        return name;
    }

    private void Sort()
    {
        var position = new int[Tasks.Length];
        for (var i = 0; i < position.Length; i++)
        {
            position[i] = i;
        }

        // Keys are compared, then the position: the order does not depend on how the sort works.
        var tasks = (ExportTask[])Tasks.Clone();
        Array.Sort(position, (x, y) => Compare(tasks[x], tasks[y]) is var c && c != 0 ? c : x.CompareTo(y));
        for (var i = 0; i < position.Length; i++)
        {
            Tasks[i] = tasks[position[i]];
        }
    }

    private static int Compare(in ExportTask a, in ExportTask b)
    {
        var bySubmission = a.SubmissionMs.CompareTo(b.SubmissionMs);
        var byStart = bySubmission != 0 ? bySubmission : a.StartMs.CompareTo(b.StartMs);
        var byNode = byStart != 0 ? byStart : a.Node.CompareTo(b.Node);
        return byNode != 0 ? byNode : a.Pid.CompareTo(b.Pid);
    }

    private void GiveIds(IReadOnlyList<ExportNode> nodes, TaskIdMode mode)
    {
        var clash = mode == TaskIdMode.Sequential ? null : FirstClash(nodes);
        if (mode == TaskIdMode.Pid && clash is not null)
        {
            throw new UsageException($"pids cannot be task ids: {clash}; use --task-id-mode sequential");
        }

        IdMode = mode == TaskIdMode.Sequential || clash is not null ? TaskIdMode.Sequential : TaskIdMode.Pid;
        for (var i = 0; i < Tasks.Length; i++)
        {
            Tasks[i].Id = IdMode == TaskIdMode.Pid ? Tasks[i].Pid : i + 1;
        }
    }

    private string? FirstClash(IReadOnlyList<ExportNode> nodes)
    {
        var nodeOf = new Dictionary<int, int>(Tasks.Length);
        foreach (ref readonly var task in Tasks.AsSpan())
        {
            if (!nodeOf.TryAdd(task.Pid, task.Node))
            {
                var first = nodes[nodeOf[task.Pid]].Name;
                var second = nodes[task.Node].Name;
                return first == second ? $"pid {task.Pid} stands for two tasks on node {first}" : $"pid {task.Pid} stands for a task on node {first} and one on node {second}";
            }
        }

        return null;
    }
}
