using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect;

/// <summary>
/// The processes that are collected, and the judgement of every process that the kernel tells of or a look through /proc finds. Used by one thread;
/// what others read is guarded by the collector.
/// </summary>
internal sealed class ProcessTable : IDisposable
{
    // A start time of /proc is in steps of a clock tick (10 ms); the connector's is exact.
    private const long SameStartNs = 30 * RunClock.NsPerMs;

    // Accounting of processes that nobody asked about is let go at their exit; a bound for those whose exit was lost.
    private const int MaxAccounted = 65_536;
    private const int KernelThreadDaemon = 2;

    // Whose exit is followed to its end, and for how long: what is missing otherwise (0.1 to 4 ms) is more than 0.1 % only of what is short, and what used
    // this much cannot end often enough for the time to matter. Freeing its memory, which is part of it, takes some 0.2 ms a MB.
    private const long FollowedFromNs = 20 * RunClock.NsPerMs;
    private const long MaxFollowNs = 200 * RunClock.NsPerMs;

    private readonly CollectorOptions _options;
    private readonly ProcessSelection _selection;
    private readonly SampleLog _samples;
    private readonly RunClock _clock;
    private readonly long _beganNs;
    private readonly int _ownPid = Environment.ProcessId;
    private readonly Dictionary<int, TrackedProcess> _tracked = [];
    private readonly Dictionary<int, Newborn> _newborn = [];
    private readonly Dictionary<int, ExitTotals> _accounted = [];
    private readonly List<ProcEvent> _exits = [];
    private readonly List<TrackedProcess> _unaccounted = [];
    private readonly List<TrackedProcess> _following = [];
    private readonly Stack<int> _gone = new();
    private readonly ProcessScan _scan;

    public ProcessTable(CollectorOptions options, SampleLog samples, RunClock clock)
    {
        (_options, _selection, _samples, _clock) = (options, options.Selection, samples, clock);
        _beganNs = clock.NowNs;
        Cgroups = new CgroupMembers(_selection.Cgroups);
        Log = new ProcessLog(options.ProcessEvents);
        _scan = new ProcessScan(_selection);
    }

    public CgroupMembers Cgroups { get; }

    public ProcessLog Log { get; }

    public IReadOnlyCollection<TrackedProcess> Tracked => _tracked.Values;

    /// <summary>True while the kernel tells of every exit.</summary>
    public bool HasEvents { get; set; }

    public long Samples { get; private set; }

    public long Begun { get; private set; }

    public long Exited { get; private set; }

    public long Refused { get; private set; }

    /// <summary>Takes what the process connector tells. An exit is only noted: its accounting may not be read yet.</summary>
    public void Take(in ProcEvent what)
    {
        switch (what.Kind)
        {
            case ProcEventKind.Fork:
                Fork(what);
                break;
            case ProcEventKind.Exec:
                Judge(what.Pid, _clock.ToEpochNs(what.MonotonicNs), CommandNames.Read(what.Pid), isExec: true);
                break;
            case ProcEventKind.Comm when _selection.Match is not null:
                var bytes = what.Name;
                ReadOnlySpan<byte> name = bytes;
                Judge(what.Pid, _clock.ToEpochNs(what.MonotonicNs), CommandNames.Full(what.Pid, name[..name.IndexOf((byte)0)]), isExec: false);
                break;
            case ProcEventKind.Exit:
                _exits.Add(what);
                break;
        }
    }

    /// <summary>Takes the exit accounting of a thread.</summary>
    public void Take(in ExitAccounting exit)
    {
        var pid = exit.Tgid > 0 ? exit.Tgid : exit.Pid;
        if (_tracked.TryGetValue(pid, out var process))
        {
            process.Exits = process.Exits.With(exit);
            if (process.Exits.IsComplete)
            {
                if (!BeginToFollow(process) && process.HasLeaderExited)
                {
                    FinishLate(process);
                }
            }
        }
        else if (_selection.Match is not null)
        {
            if (_accounted.Count >= MaxAccounted)
            {
                _accounted.Clear();
            }

            _accounted[pid] = (_accounted.TryGetValue(pid, out var before) ? before : ExitTotals.None).With(exit);
        }
    }

    /// <summary>True while a process is on its way out whose clock is to be read again soon.</summary>
    public bool IsFollowing => _following.Count > 0;

    /// <summary>Reads the clocks of those that are on their way out.</summary>
    /// <param name="isLast">True when it will not be called again.</param>
    public void Follow(bool isLast = false)
    {
        for (var i = _following.Count - 1; i >= 0; i--)
        {
            var process = _following[i];
            if (!TryReadClock(process, out var stat) || stat.HasExited || isLast || _clock.MonotonicNs - process.FollowedSinceNs >= MaxFollowNs)
            {
                _following.RemoveAt(i);
                if (process.HasLeaderExited)
                {
                    FinishLate(process);
                }
            }
        }
    }

    /// <summary>Records the exits that were noted.</summary>
    /// <returns>True when a process has ended as a whole whose accounting was not read yet: it has been sent by now, so read it, then come again.</returns>
    public bool FinishExits()
    {
        foreach (var exit in _exits)
        {
            FinishExit(exit);
        }

        _exits.Clear();
        return _unaccounted.Count > 0;
    }

    /// <summary>Records the exits whose accounting has not come even so: it was lost, or this kernel sends none that is complete.</summary>
    public void FinishUnaccounted()
    {
        foreach (var process in _unaccounted)
        {
            if (_tracked.TryGetValue(process.Pid, out var current) && current == process && !_following.Contains(process))
            {
                Finish(process, process.LeaderStatus, process.LeaderExitNs);
            }
        }

        _unaccounted.Clear();
    }

    /// <summary>A process has a sentinel: its launcher writes its baseline and its closing sample.</summary>
    public void AddSentinel(ProcessProbe probe)
    {
        var startNs = ProcPidStat.StartEpochNs(probe.StartTimeTicks, _clock);
        if (!_tracked.TryGetValue(probe.Pid, out var process))
        {
            process = Add(new TrackedProcess(probe.Pid, probe.ParentPid, CommandNames.Read(probe.Pid) ?? "", startNs), SelectedBy.Sentinel, IsNew(startNs));
        }

        process.Probe?.Dispose();
        process.Probe = probe;
        process.By |= SelectedBy.Sentinel;
        process.IsLaunched = true;
    }

    /// <summary>A sentinel has gone.</summary>
    public void RemoveSentinel(int pid)
    {
        if (_tracked.TryGetValue(pid, out var process))
        {
            Unselect(process, SelectedBy.Sentinel);
        }
    }

    /// <summary>Samples every process that is collected.</summary>
    public void Sample()
    {
        using var batch = _samples.Begin();
        foreach (var process in _tracked.Values)
        {
            if (process.IsHidden || Sample(process, batch))
            {
                continue;
            }

            // With events, the exit is on its way and knows more.
            if (!HasEvents || process.By == SelectedBy.Sentinel)
            {
                _gone.Push(process.Pid);
            }
        }
    }

    /// <summary>Lets go of what the last round found gone; returns false when there is no more.</summary>
    public bool TakeGone(out int pid)
    {
        if (!_gone.TryPop(out pid))
        {
            return false;
        }

        if (_tracked.TryGetValue(pid, out var process))
        {
            if (process.IsLaunched)
            {
                Forget(process);
            }
            else
            {
                Finish(process, null, _clock.NowNs);
            }
        }

        return true;
    }

    /// <summary>Looks through all of /proc.</summary>
    public void Scan()
    {
        _scan.Read(_tracked);
        foreach (var found in _scan.Found)
        {
            var startNs = ProcPidStat.StartEpochNs(found.StartTimeTicks, _clock);
            if (_tracked.TryGetValue(found.Pid, out var known) && Math.Abs(known.StartNs - startNs) > SameStartNs)
            {
                Finish(known, null, _clock.NowNs);
                known = null;
            }

            var by = found.By;
            by |= Cgroups.Has(found.Pid) ? SelectedBy.Cgroup : 0;
            if (known is not null)
            {
                Rename(known, found.Name, _clock.NowNs);
                by |= known.By & (SelectedBy.Sentinel | SelectedBy.Tree);
                Apply(known, by);
            }
            else if (by != SelectedBy.Nothing && IsWanted(found.Pid, by))
            {
                var wasNewborn = _newborn.Remove(found.Pid, out var newborn) && Math.Abs(newborn.StartNs - startNs) <= SameStartNs;
                startNs = wasNewborn ? newborn.StartNs : startNs;
                var lastTsMs = wasNewborn ? newborn.LastTsMs : 0;
                var process = new TrackedProcess(found.Pid, found.ParentPid, found.Name, startNs) { IsHidden = IsHidden(found.Pid), LastTsMs = lastTsMs };
                Add(process, by, isNew: IsNew(startNs) && lastTsMs == 0);
            }
        }

        foreach (var pid in _newborn.Keys)
        {
            if (!_scan.Has(pid))
            {
                _newborn.Remove(pid);
            }
        }

        foreach (var process in _tracked.Values)
        {
            if (!_scan.Has(process.Pid))
            {
                _gone.Push(process.Pid);
            }
        }
    }

    /// <summary>Takes in the processes that were moved into a group, and lets those go that were moved out.</summary>
    public void RefreshCgroups(ISet<int> members)
    {
        members.Clear();
        Cgroups.AddTo(members);
        foreach (var pid in members)
        {
            if (!_tracked.TryGetValue(pid, out var process))
            {
                if (ProcPidStat.Read(pid) is { HasExited: false } stat && CommandNames.Read(pid) is { } name && IsWanted(pid, SelectedBy.Cgroup))
                {
                    AddFound(pid, stat, name, SelectedBy.Cgroup);
                }
            }
            else
            {
                process.By |= SelectedBy.Cgroup;
            }
        }

        foreach (var process in _tracked.Values)
        {
            if (process.By.HasFlag(SelectedBy.Cgroup) && !members.Contains(process.Pid) && ProcPidStat.Read(process.Pid) is { HasExited: false })
            {
                Unselect(process, SelectedBy.Cgroup);
            }
        }
    }

    public void Dispose()
    {
        Log.Dispose();
        foreach (var process in _tracked.Values)
        {
            process.Dispose();
        }
    }

    private bool Sample(TrackedProcess process, in SampleLog.Batch batch)
    {
        if (process.Probe is null && (process.Probe = ProcessProbe.TryOpen(process.Pid, out var isRefused)) is null)
        {
            Refused += isRefused && !process.IsRefused ? 1 : 0;
            process.IsRefused |= isRefused;
            return isRefused;
        }

        SampleDetails details = default;
        var hasDetails = _options.Details != ProcessDetails.None;
        var isFirst = process.Last.TsMs == 0;
        ProcessSample sample;
        if (!(hasDetails ? process.Probe.TrySample(_clock, _options.Details, out sample, out details) : process.Probe.TrySample(_clock, out sample)))
        {
            return false;
        }

        if (isFirst)
        {
            Refused += process.Probe.RefusedFields > 0 ? 1 : 0;
        }

        process.Last = sample;
        process.MaxRssKb = Math.Max(process.MaxRssKb, sample.RssKb);
        process.Threads = hasDetails && details.Threads >= 0 ? (int)details.Threads : null;
        WriteBaseline(process, batch);
        if (sample.TsMs <= process.LastTsMs)
        {
            return true;
        }

        process.LastTsMs = sample.TsMs;
        if (hasDetails)
        {
            batch.Append(sample, details);
        }
        else
        {
            batch.Append(sample);
        }

        _options.Observer?.Invoke(sample);
        Samples++;
        return true;
    }

    // Not before the first sample or the exit: until then a sentinel may show that a launcher has written it.
    private static void WriteBaseline(TrackedProcess process, in SampleLog.Batch batch)
    {
        if (process.NeedsBaseline && !process.IsLaunched)
        {
            process.LastTsMs = process.StartNs / RunClock.NsPerMs;
            batch.Append(new ProcessSample(process.LastTsMs, process.Pid, 0, 0, 0, 0, 0, SampleKind.Start));
        }

        process.NeedsBaseline = false;
    }

    private void Fork(in ProcEvent what)
    {
        const SelectedBy Inherited = SelectedBy.Match | SelectedBy.Cgroup | SelectedBy.Tree;
        var startNs = _clock.ToEpochNs(what.MonotonicNs);
        if (_tracked.TryGetValue(what.Pid, out var known))
        {
            if (Math.Abs(known.StartNs - startNs) <= SameStartNs)
            {
                // A look through /proc was faster than this event.
                (known.ParentPid, known.StartNs) = (what.ParentPid, startNs);
                known.NeedsBaseline |= known.LastTsMs == 0 && startNs >= _beganNs;
                return;
            }

            Finish(known, null, startNs);
        }

        if (_tracked.TryGetValue(what.ParentPid, out var parent) && (parent.By & Inherited) is var by && by != SelectedBy.Nothing && IsWanted(what.Pid, by))
        {
            Add(new TrackedProcess(what.Pid, what.ParentPid, parent.Name, startNs), by, isNew: true);
        }
        else
        {
            _newborn[what.Pid] = new Newborn(startNs, what.ParentPid, 0);
        }
    }

    private void Judge(int pid, long nowNs, string? name, bool isExec)
    {
        if (name is null)
        {
            // It has ended already: it is judged by its accounting.
            return;
        }

        _tracked.TryGetValue(pid, out var process);
        var by = CommandNames.IsMatch(_selection.Match, name) ? SelectedBy.Match : SelectedBy.Nothing;
        by |= (isExec ? Cgroups.Has(pid) : process?.By.HasFlag(SelectedBy.Cgroup) ?? false) ? SelectedBy.Cgroup : 0;
        if (process is not null)
        {
            Rename(process, name, nowNs, isExec);
            Apply(process, by | (process.By & (SelectedBy.Sentinel | SelectedBy.Tree | SelectedBy.Busy)));
        }
        else if (by != SelectedBy.Nothing && IsWanted(pid, by))
        {
            if (_newborn.Remove(pid, out var newborn))
            {
                process = Add(new TrackedProcess(pid, newborn.ParentPid, name, newborn.StartNs), by, isNew: newborn.LastTsMs == 0);
                process.LastTsMs = newborn.LastTsMs;
            }
            else if (ProcPidStat.Read(pid) is { HasExited: false } stat)
            {
                AddFound(pid, stat, name, by);
            }
        }
    }

    private void FinishExit(in ProcEvent exit)
    {
        var exitNs = _clock.ToEpochNs(exit.MonotonicNs);
        var totals = _accounted.Remove(exit.Pid, out var accounted) ? accounted : ExitTotals.None;
        if (_tracked.TryGetValue(exit.Pid, out var process) && process.StartNs > exitNs)
        {
            // The number is another process's by now, whose beginning recorded this end.
            return;
        }

        var wasNewborn = _newborn.Remove(exit.Pid, out var newborn);
        if (process is null)
        {
            var name = totals.Name.ToString();
            if (totals.ElapsedUs == 0 || totals.ParentPid == KernelThreadDaemon || !CommandNames.IsMatch(_selection.Match, name) || !IsWanted(exit.Pid, SelectedBy.Match))
            {
                return;
            }

            // It ended before we could look at it.
            var startNs = wasNewborn ? newborn.StartNs : exitNs - (totals.ElapsedUs * 1000);
            process = Add(new TrackedProcess(exit.Pid, wasNewborn ? newborn.ParentPid : totals.ParentPid, name, startNs), SelectedBy.Match, startNs >= _beganNs && newborn.LastTsMs == 0);
            process.LastTsMs = newborn.LastTsMs;
        }

        // With the accounting of threads that ended before it was selected.
        process.Exits = process.Exits.IsComplete || totals.ElapsedUs == 0 ? process.Exits : totals;
        if (process.Exits.IsComplete)
        {
            Finish(process, new WaitStatus(exit.Status).ExitCode, exitNs);
            return;
        }

        // Its other threads may still run, or have ended since its accounting was last read: of the two, only the kernel knows which.
        (process.HasLeaderExited, process.LeaderStatus, process.LeaderExitNs) = (true, new WaitStatus(exit.Status).ExitCode, exitNs);
        process.HasOutlivedLeader = LivesOn(process);
        if (!process.HasOutlivedLeader)
        {
            _unaccounted.Add(process);
        }
    }

    private bool LivesOn(TrackedProcess process) => ProcPidStat.Read(process.Pid) is { HasExited: false } stat && IsOf(process, stat);

    private bool IsOf(TrackedProcess process, in ProcPidStat stat) =>
        Math.Abs(ProcPidStat.StartEpochNs(stat.StartTimeTicks, _clock) - process.StartNs) <= SameStartNs;

    // The first thread ended before the last one. What ends the process as a whole, a signal say, ends them all with one status; a first thread that returned
    // while others ran on does so with 0, which need not be the status of the process.
    private void FinishLate(TrackedProcess process) =>
        Finish(process, process.LeaderStatus > 0 || !process.HasOutlivedLeader ? process.LeaderStatus : null, process.HasOutlivedLeader ? _clock.NowNs : process.LeaderExitNs);

    // The accounting has what the scheduler had booked when it was sent: up to a timer tick a thread (4 ms at 250 Hz) less than was used, and not the rest of the
    // exit. The clock books it; it can be read while the process is on its way out, and for good while its parent has not waited for it.
    private bool BeginToFollow(TrackedProcess process)
    {
        if (process.IsLaunched || process.IsHidden || !TryReadClock(process, out var stat) || stat.HasExited || process.Exits.CpuNs < FollowedFromNs)
        {
            return false;
        }

        process.FollowedSinceNs = _clock.MonotonicNs;
        _following.Add(process);
        return true;
    }

    // Who it is first, then the clock: a number is not given to another process between the two, and in this order the reading counts also when it is gone right after.
    private bool TryReadClock(TrackedProcess process, out ProcPidStat stat)
    {
        stat = ProcPidStat.Read(process.Pid) ?? default;
        if (stat.StartTimeTicks == 0 || !IsOf(process, stat) || !CpuClock.TryReadNs(process.Pid, out var clockNs))
        {
            return false;
        }

        process.ExitClockNs = Math.Max(process.ExitClockNs, clockNs);
        return true;
    }

    private void Finish(TrackedProcess process, int? status, long exitNs)
    {
        var last = process.Last;
        var exits = process.Exits;
        var isFinal = TryReadClock(process, out var stat) && stat.HasExited;
        var readNs = Math.Max(0, Math.Max(process.ExitClockNs, last.CpuNs));
        var (cpuNs, from) = exits.IsComplete ? (Math.Max(exits.CpuNs, readNs), "taskstats") : (readNs, "sample");
        var (utime, stime) = SplitTicks(cpuNs, exits, last);
        var childrenNs = last.ChildrenCpuNs;

        // While its parent has not waited for it, its clock and its times can still be read, and they have the exit itself in them.
        if (isFinal && process.ExitClockNs >= cpuNs)
        {
            (from, utime, stime) = ("clock", stat.UtimeTicks, stat.StimeTicks);
            childrenNs = (stat.CutimeTicks + stat.CstimeTicks) * Kernel.NsPerClockTick;
        }

        process.MaxRssKb = Math.Max(process.MaxRssKb, exits.MaxRssKb);
        var tsMs = Math.Max(RunClock.CeilingMs(exitNs), Math.Max(process.LastTsMs, process.StartNs / RunClock.NsPerMs) + 1);
        if (!process.IsHidden && !process.IsLaunched)
        {
            using var batch = _samples.Begin();
            WriteBaseline(process, batch);
            if (from != "sample" || process.LastTsMs == 0)
            {
                var closing = new ProcessSample(tsMs, process.Pid, process.MaxRssKb, utime, stime, cpuNs, childrenNs, SampleKind.Exit);
                batch.Append(closing);
                _options.Observer?.Invoke(closing);
                Samples++;
            }
        }

        Exited++;
        Log.Exit(tsMs, process, status, cpuNs, from);
        _newborn.Remove(process.Pid);
        Forget(process);
    }

    // The tick counts which of the two it was; the scheduler knows how much. So does the kernel (cputime_adjust). Neither may go back.
    private static (long Utime, long Stime) SplitTicks(long cpuNs, in ExitTotals exits, in ProcessSample last)
    {
        var ticks = cpuNs / Kernel.NsPerClockTick;
        var sum = exits.UserUs + exits.SystemUs;
        var user = sum > 0 ? (long)(ticks * (double)exits.UserUs / sum) : Math.Max(last.UtimeTicks, ticks - last.StimeTicks);
        user = Math.Max(user, last.UtimeTicks);
        return (user, Math.Max(last.StimeTicks, ticks - user));
    }

    private void AddFound(int pid, in ProcPidStat stat, string name, SelectedBy by)
    {
        var startNs = ProcPidStat.StartEpochNs(stat.StartTimeTicks, _clock);
        var wasNewborn = _newborn.Remove(pid, out var newborn);
        var process = Add(new TrackedProcess(pid, stat.ParentPid, name, wasNewborn ? newborn.StartNs : startNs), by, (wasNewborn || IsNew(startNs)) && newborn.LastTsMs == 0);
        process.LastTsMs = newborn.LastTsMs;
    }

    private TrackedProcess Add(TrackedProcess process, SelectedBy by, bool isNew)
    {
        process.By = by;
        process.NeedsBaseline = isNew;
        _tracked.Add(process.Pid, process);
        Begun += isNew ? 1 : 0;
        Log.Event(isNew ? "start" : "seen", (isNew ? process.StartNs : _clock.NowNs) / RunClock.NsPerMs, process);
        return process;
    }

    private void Rename(TrackedProcess process, string name, long nowNs, bool isExec = false)
    {
        if (isExec || name != process.Name)
        {
            process.Name = name;
            Log.Event("exec", nowNs / RunClock.NsPerMs, process);
        }
    }

    private void Unselect(TrackedProcess process, SelectedBy by) => Apply(process, process.By & ~by);

    private void Apply(TrackedProcess process, SelectedBy by)
    {
        process.By = by;
        if (by != SelectedBy.Nothing)
        {
            return;
        }

        // What it did up to here still counts. Should it be selected again, its baseline is written already.
        if (!process.IsLaunched)
        {
            using var batch = _samples.Begin();
            var writtenTsMs = process.LastTsMs;
            if (Sample(process, batch) && process.LastTsMs == writtenTsMs && process.Last.TsMs > 0)
            {
                // In the millisecond of its last sample: what it used since then would be lost.
                process.LastTsMs++;
                batch.Append(process.Last with { TsMs = process.LastTsMs });
                Samples++;
            }

            if (HasEvents)
            {
                _newborn[process.Pid] = new Newborn(process.StartNs, process.ParentPid, process.LastTsMs);
            }
        }

        Forget(process);
    }

    private void Forget(TrackedProcess process)
    {
        _tracked.Remove(process.Pid);
        _following.Remove(process);
        process.Dispose();
    }

    // A start time of /proc is rounded down to a clock tick.
    private bool IsNew(long startNs) => startNs + Kernel.NsPerClockTick > _beganNs;

    private bool IsWanted(int pid, SelectedBy by) => pid != _ownPid || by.HasFlag(SelectedBy.Tree);

    private bool IsHidden(int pid) => pid == _ownPid && !_selection.Trees.Contains(pid);

    /// <summary>A process that began after the collector and is not selected.</summary>
    private readonly record struct Newborn(long StartNs, int ParentPid, long LastTsMs);
}
