using Tracekit.Trace.Parse;
using Tracekit.Trace.Tasks;

namespace Tracekit.Trace.OpenDc;

/// <summary>
/// Lays the windows of one node's tasks out as fragments, in one pass over its windows. In memory are the tasks, and of those that are
/// alive the pieces that are not
/// settled yet.
/// </summary>
internal sealed class NodeExport
{
    /// <summary>A task is written this long after its end on the clock of the trace, unless its exit came before.</summary>
    public const long LatenessMs = 60_000;

    private readonly ExportTask[] _tasks;
    private readonly int[] _own;
    private readonly ExportNode _node;
    private readonly FragmentFile _file;
    private readonly ExportCounts _counts;
    private readonly TaskTimeline _timeline;
    private readonly TaskPlacement?[] _placements;
    private readonly bool[] _closed;
    private readonly List<int> _live = [];
    private readonly Stack<TaskPlacement> _idle = [];
    private long _nowMs;
    private LineTally _lines;

    /// <summary>Nothing placed yet.</summary>
    /// <param name="tasks">The tasks of all nodes.</param>
    /// <param name="nodeIndex">Which node this is.</param>
    /// <param name="node">The node.</param>
    /// <param name="file">Where fragments go.</param>
    /// <param name="counts">Where it counts.</param>
    public NodeExport(ExportTask[] tasks, int nodeIndex, ExportNode node, FragmentFile file, ExportCounts counts)
    {
        _tasks = tasks;
        _own = [.. Enumerable.Range(0, tasks.Length).Where(i => tasks[i].Node == nodeIndex)];
        _node = node;
        _file = file;
        _counts = counts;
        _timeline = new TaskTimeline(Array.ConvertAll(_own, i => tasks[i].Span));
        _placements = new TaskPlacement?[_own.Length];
        _closed = new bool[_own.Length];
    }

    /// <summary>Adds windows in file order.</summary>
    public void Add(ReadOnlySpan<CpuWindow> windows, in LineTally lines)
    {
        _lines.Append(lines);
        _counts.Windows += windows.Length;
        foreach (ref readonly var window in windows)
        {
            Add(window);
        }

        CloseOld();
    }

    /// <summary>Writes what is left; returns what reading the file came to.</summary>
    public LineTally Finish()
    {
        for (var task = 0; task < _own.Length; task++)
        {
            if (!_closed[task])
            {
                Close(task, _placements[task] ?? Open(task));
            }
        }

        return _lines;
    }

    private void Add(in CpuWindow window)
    {
        var shares = _timeline.Match(window);
        if (shares.Length == 0)
        {
            _counts.WindowsWithoutTask++;
            return;
        }

        if (shares.Length == 1)
        {
            Place(shares[0], window);
            return;
        }

        var totalMs = TaskShare.TotalMs(shares);
        long doneMs = 0;
        foreach (var share in shares)
        {
            var part = window with
            {
                CpuNs = Amount.Share(window.CpuNs, doneMs, share.OverlapMs, totalMs),
                ChildrenCpuNs = Amount.Share(window.ChildrenCpuNs, doneMs, share.OverlapMs, totalMs),
            };
            doneMs += share.OverlapMs;
            Place(share, part with { ChildrenCpuNs = Math.Min(part.ChildrenCpuNs, part.CpuNs) });
        }
    }

    private void Place(TaskShare share, in CpuWindow window)
    {
        // The clock of the trace is where its tasks are: one wild time stamp shall not end them all.
        _nowMs = Math.Max(_nowMs, share.ToMs);
        if (_closed[share.Task])
        {
            _counts.LateWindows++;
            return;
        }

        ref var task = ref _tasks[_own[share.Task]];
        task.PeakRssKb = Math.Max(task.PeakRssKb, window.RssKb);
        var placement = _placements[share.Task] ?? Open(share.Task);
        placement.Add(share, window);
        if (window.Kind == SampleKind.Exit)
        {
            Close(share.Task, placement);
        }
    }

    private TaskPlacement Open(int task)
    {
        if (!_idle.TryPop(out var placement))
        {
            placement = new TaskPlacement(_counts.Placement, Emit);
        }

        ref readonly var t = ref _tasks[_own[task]];
        placement.Begin(task, t.Span, _node.Cores, t.KnownCpuNs, t.ChildrenMayCome);
        _placements[task] = placement;
        _live.Add(task);
        return placement;
    }

    private void Close(int task, TaskPlacement placement)
    {
        placement.Finish();
        _closed[task] = true;
        _placements[task] = null;
        _idle.Push(placement);
    }

    private void CloseOld()
    {
        var kept = 0;
        for (var i = 0; i < _live.Count; i++)
        {
            var task = _live[i];
            if (_placements[task] is not { } placement)
            {
                continue;
            }

            if (_tasks[_own[task]].EndMs + LatenessMs < _nowMs)
            {
                Close(task, placement);
                continue;
            }

            _live[kept++] = task;
        }

        _live.RemoveRange(kept, _live.Count - kept);
    }

    private void Emit(int task, Piece piece)
    {
        ref var t = ref _tasks[_own[task]];
        var cores = (double)piece.CpuNs / ((double)piece.DtMs * RunClock.NsPerMs);
        t.PeakCores = Math.Max(t.PeakCores, cores);
        _counts.CpuNs = Amount.Add(_counts.CpuNs, piece.CpuNs);
        _file.Add(t.Id, piece.DtMs, cores * _node.Mhz);
    }
}
