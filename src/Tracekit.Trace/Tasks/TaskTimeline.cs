using System.Runtime.InteropServices;

namespace Tracekit.Trace.Tasks;

/// <summary>The life of one task: a process, or one request that a process served.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="StartMs">When it began.</param>
/// <param name="EndMs">When it ended, after <paramref name="StartMs"/>.</param>
internal readonly record struct TaskSpan(int Pid, long StartMs, long EndMs);

/// <summary>The part of a window that lies within a task.</summary>
/// <param name="Task">Index of the task.</param>
/// <param name="FromMs">Where the part begins.</param>
/// <param name="ToMs">Where it ends; the same for a window without length.</param>
internal readonly record struct TaskShare(int Task, long FromMs, long ToMs)
{
    /// <summary>Length of the part.</summary>
    public long OverlapMs => ToMs - FromMs;

    /// <summary>The parts together.</summary>
    public static long TotalMs(ReadOnlySpan<TaskShare> shares)
    {
        long total = 0;
        foreach (var share in shares)
        {
            total += share.OverlapMs;
        }

        return total;
    }
}

/// <summary>
/// Which tasks a window of CPU time belongs to: those of its pid that were alive in it. Pids come back within a run, and a server's pid
/// stands for all the
/// requests it served, so a window may belong to none, one or several. Windows of a pid must come in time order; memory is O(tasks).
/// </summary>
internal sealed class TaskTimeline
{
    private readonly TaskSpan[] _tasks;
    private readonly int[] _byPidAndStart;
    private readonly Dictionary<int, Track> _tracks = [];
    private TaskShare[] _shares = new TaskShare[4];

    /// <summary>Sorts <paramref name="tasks"/>; their index in it names them from here on.</summary>
    public TaskTimeline(TaskSpan[] tasks)
    {
        _tasks = tasks;
        _byPidAndStart = new int[tasks.Length];
        for (var i = 0; i < tasks.Length; i++)
        {
            _byPidAndStart[i] = i;
        }

        Array.Sort(_byPidAndStart, (a, b) =>
        {
            var byPid = tasks[a].Pid.CompareTo(tasks[b].Pid);
            var byStart = byPid != 0 ? byPid : tasks[a].StartMs.CompareTo(tasks[b].StartMs);
            return byStart != 0 ? byStart : a.CompareTo(b);
        });
        for (var i = 0; i < tasks.Length; i++)
        {
            ref var track = ref CollectionsMarshal.GetValueRefOrAddDefault(_tracks, tasks[_byPidAndStart[i]].Pid, out _);
            track ??= new Track(i);
            track.End = i + 1;
        }
    }

    /// <summary>True when a task of this pid was alive at <paramref name="tsMs"/>.</summary>
    public bool AnyAt(int pid, long tsMs)
    {
        if (!_tracks.TryGetValue(pid, out var track))
        {
            return false;
        }

        for (var i = track.First; i < track.End && _tasks[_byPidAndStart[i]].StartMs <= tsMs; i++)
        {
            if (_tasks[_byPidAndStart[i]].EndMs >= tsMs)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True when any task has this pid.</summary>
    public bool Knows(int pid) => _tracks.ContainsKey(pid);

    /// <summary>The tasks that a window belongs to, each with its part. Valid until the next call.</summary>
    public ReadOnlySpan<TaskShare> Match(in CpuWindow window)
    {
        if (!_tracks.TryGetValue(window.Pid, out var track))
        {
            return default;
        }

        var to = window.TsMs;
        var from = to - window.DtMs;
        while (track.Next < track.End && _tasks[_byPidAndStart[track.Next]].StartMs is var start && (start < to || (start == to && from == to)))
        {
            track.Active.Add(_byPidAndStart[track.Next++]);
        }

        return from < to ? MatchSpan(track.Active, from, to) : MatchInstant(track.Active, to, window.Kind);
    }

    private ReadOnlySpan<TaskShare> MatchSpan(List<int> active, long from, long to)
    {
        var matched = 0;
        var kept = 0;
        for (var i = 0; i < active.Count; i++)
        {
            var task = active[i];
            ref readonly var span = ref _tasks[task];
            if (span.EndMs <= from)
            {
                continue;
            }

            active[kept++] = task;
            if (matched == _shares.Length)
            {
                Array.Resize(ref _shares, matched * 2);
            }

            _shares[matched++] = new TaskShare(task, Math.Max(from, span.StartMs), Math.Min(to, span.EndMs));
        }

        active.RemoveRange(kept, active.Count - kept);
        return _shares.AsSpan(0, matched);
    }

    /// <summary>
    /// At one instant one life may end and the next of the same pid begin: an exit belongs to the task that ends first, anything else to
    /// the one that started last.
    /// </summary>
    private ReadOnlySpan<TaskShare> MatchInstant(List<int> active, long at, SampleKind kind)
    {
        var best = -1;
        foreach (var task in active)
        {
            ref readonly var span = ref _tasks[task];
            if (span.EndMs < at || span.StartMs > at)
            {
                continue;
            }

            var better = best < 0 || (kind == SampleKind.Exit ? span.EndMs < _tasks[best].EndMs : span.StartMs >= _tasks[best].StartMs);
            best = better ? task : best;
        }

        _shares[0] = new TaskShare(best, at, at);
        return _shares.AsSpan(0, best < 0 ? 0 : 1);
    }

    private sealed class Track(int first)
    {
        public readonly int First = first;
        public int End;
        public int Next = first;
        public readonly List<int> Active = new(1);
    }
}
