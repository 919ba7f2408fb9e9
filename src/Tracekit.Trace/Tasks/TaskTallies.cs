namespace Tracekit.Trace.Tasks;

/// <summary>Adds the windows of a run up by task.</summary>
internal sealed class TaskTallies
{
    /// <summary>The most <see cref="UnknownPids"/> kept.</summary>
    public const int MaxUnknownPids = 10;

    private readonly TaskTally[] _tallies;
    private readonly TaskTimeline _timeline;

    /// <summary>Nothing added yet.</summary>
    public TaskTallies(TaskTally[] tallies)
    {
        _tallies = tallies;
        _timeline = new TaskTimeline(Array.ConvertAll(tallies, t => new TaskSpan(t.Pid, t.TsStart, Math.Max(t.TsEnd, t.TsStart + 1))));
    }

    /// <summary>The tasks.</summary>
    public ReadOnlySpan<TaskTally> All => _tallies;

    /// <summary>Windows of a pid that no invocation has.</summary>
    public long WindowsOfUnknownPid { get; private set; }

    /// <summary>Windows of a known pid at a time when none of its invocations was alive.</summary>
    public long WindowsOutsideTasks { get; private set; }

    /// <summary>CPU time in windows that belong to no task, in ns.</summary>
    public long UnmatchedCpuNs { get; private set; }

    /// <summary>Some of the pids that no invocation has.</summary>
    public SortedSet<int> UnknownPids { get; } = [];

    /// <summary>True when a task of this pid was alive then.</summary>
    public bool AnyAt(int pid, long tsMs) => _timeline.AnyAt(pid, tsMs);

    /// <summary>Adds a window to the tasks that it belongs to, in proportion to the time it shares with each.</summary>
    public void Add(in CpuWindow window)
    {
        var shares = _timeline.Match(window);
        if (shares.Length == 1)
        {
            Add(ref _tallies[shares[0].Task], shares[0].OverlapMs, window.CpuNs + window.CpuBeforeNs, window.ChildrenCpuNs);
        }
        else if (shares.Length == 0)
        {
            AddUnmatched(window);
        }
        else
        {
            AddToSeveral(shares, window);
        }
    }

    private void AddToSeveral(ReadOnlySpan<TaskShare> shares, in CpuWindow window)
    {
        var total = TaskShare.TotalMs(shares);
        long done = 0;
        foreach (var share in shares)
        {
            var cpuNs = Amount.Share(window.CpuNs, done, share.OverlapMs, total);
            var childrenNs = Amount.Share(window.ChildrenCpuNs, done, share.OverlapMs, total);
            Add(ref _tallies[share.Task], share.OverlapMs, cpuNs, childrenNs);
            done += share.OverlapMs;
        }
    }

    private void AddUnmatched(in CpuWindow window)
    {
        UnmatchedCpuNs = Amount.Add(UnmatchedCpuNs, window.CpuNs);
        if (_timeline.Knows(window.Pid))
        {
            WindowsOutsideTasks++;
            return;
        }

        WindowsOfUnknownPid++;
        if (UnknownPids.Count < MaxUnknownPids)
        {
            UnknownPids.Add(window.Pid);
        }
    }

    private static void Add(ref TaskTally tally, long overlapMs, long cpuNs, long childrenNs)
    {
        tally.Windows++;
        tally.CoveredMs += overlapMs;
        tally.WindowNs = Amount.Add(tally.WindowNs, cpuNs);
        tally.ChildrenNs = Amount.Add(tally.ChildrenNs, childrenNs);
    }
}
