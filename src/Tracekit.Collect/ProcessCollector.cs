using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect;

/// <summary>What a collector did.</summary>
/// <param name="Ticks">Ticks served.</param>
/// <param name="MissedTicks">Ticks whose time passed while another was being served.</param>
/// <param name="Samples">Process samples taken.</param>
public readonly record struct CollectorCounts(long Ticks, long MissedTicks, long Samples)
{
    /// <summary>Processes that are collected now.</summary>
    public int Processes { get; init; }

    /// <summary>Processes that were collected from their beginning.</summary>
    public long Begun { get; init; }

    /// <summary>Processes whose end was recorded, or found.</summary>
    public long Exited { get; init; }

    /// <summary>Processes of which something could not be read: another user's, or no file descriptor was left.</summary>
    public long Refused { get; init; }

    /// <summary>How often the kernel had more to tell than was taken in time; each time all of /proc was looked through.</summary>
    public long EventsLost { get; init; }

    /// <summary>How often all of /proc was looked through.</summary>
    public long Scans { get; init; }

    /// <summary>
    /// Without the kernel's events: by how much <c>processes</c> of /proc/stat (processes and threads made on the whole machine) grew, minus the processes
    /// that were collected from their beginning. No more than this can have been missed. With events 0.
    /// </summary>
    public long ForksNotSeen { get; init; }

    /// <summary>Samples that could not be written.</summary>
    public long Dropped { get; init; }
}

/// <summary>
/// Samples the processes that a <see cref="ProcessSelection"/> asks for at a fixed interval, on a thread of its own, until it is disposed. In steady
/// state it makes three system calls a process (its CPU clock, stat, statm), one write a tick, and no garbage. Where the kernel tells of forks, execs
/// and exits, nothing is looked for, and a process shorter than the interval is recorded as well as any other.
/// </summary>
public sealed class ProcessCollector : IDisposable
{
    // Between two readings of the clock of a process that is on its way out.
    private const long FollowNs = 30_000;

    private readonly CollectorOptions _options;
    private readonly SampleLog _log;
    private readonly RunClock _clock;
    private readonly Lock _lock = new();
    private readonly ProcessTable _table;
    private readonly SentinelDirectory? _sentinels;
    private readonly ProcConnector? _connector;
    private readonly TaskStats? _taskStats;
    private readonly CgroupSampler? _cgroupSampler;
    private readonly ProcConnector.ProcEventReceiver _onEvent;
    private readonly TaskStats.ExitReceiver _onExit;
    private readonly HashSet<int> _members = [];
    private readonly TickSchedule _schedule;
    private readonly TickSchedule? _refresh;
    private readonly TickWaiter _waiter;
    private readonly Thread _thread;
    private readonly long _forksAtStart;
    private volatile bool _stopping;
    private long _ticks;
    private long _scans;
    private long _eventsLost;
    private long _forksNotSeen;
    private bool _isFailing;
    private long _failingSinceMs;
    private long _droppedBefore;

    /// <summary>Begins to collect the processes of a whitelist.</summary>
    /// <param name="sentinelPath">The whitelist directory; made if there is none.</param>
    /// <param name="log">Where samples go.</param>
    /// <param name="clock">Stamps them.</param>
    /// <param name="interval">Time between two samples of a process.</param>
    /// <param name="observer">Sees each sample too, on the collector's thread; for a live display.</param>
    /// <param name="onlyChildrenOf">Collect only children of this process; null for every sentinel.</param>
    /// <exception cref="TracekitException">The directory cannot be made or watched.</exception>
    public ProcessCollector(
        string sentinelPath, SampleLog log, RunClock clock, TimeSpan interval, Action<ProcessSample>? observer = null, int? onlyChildrenOf = null)
        : this(
            new CollectorOptions
            {
                Selection = new ProcessSelection { SentinelDirectory = sentinelPath, OnlyChildrenOf = onlyChildrenOf },
                Interval = interval,
                Observer = observer,
            },
            log,
            clock)
    {
    }

    /// <summary>Begins to collect.</summary>
    /// <param name="options">What, and how often.</param>
    /// <param name="log">Where samples go.</param>
    /// <param name="clock">Stamps them.</param>
    /// <exception cref="UsageException">A control group that was asked for is none.</exception>
    /// <exception cref="TracekitException">The sentinel directory cannot be made or watched.</exception>
    public ProcessCollector(CollectorOptions options, SampleLog log, RunClock clock)
    {
        (_options, _log, _clock) = (options, log, clock);
        _table = new ProcessTable(options, log, clock);
        _onEvent = _table.Take;
        _onExit = _table.Take;
        var selection = options.Selection;
        var looks = selection.Match is not null || selection.Trees.Count > 0 || selection.Busiest > 0 || !_table.Cgroups.IsEmpty;
        Mode = "sentinels";
        if (looks)
        {
            // Before the first look, so that nothing happens between the two.
            (_connector, _taskStats, Mode) = OpenKernelEvents(options);
            _table.HasEvents = _connector is not null;
            _forksAtStart = _connector is null ? ProcStatForks.ReadForks() : 0;
            _table.Scan();
            _scans = 1;
        }

        _waiter = new TickWaiter();
        var needsRefresh = selection.Busiest > 0 || !_table.Cgroups.IsEmpty || (looks && _connector is null);
        _schedule = new TickSchedule(options.Interval, clock.NowNs);
        _refresh = needsRefresh ? new TickSchedule(selection.Refresh, clock.NowNs) : null;
        _cgroupSampler = options.CgroupSamples is { } sink && !_table.Cgroups.IsEmpty ? new CgroupSampler(_table.Cgroups.Locations, sink) : null;
        if (selection.SentinelDirectory is { } path)
        {
            _sentinels = new SentinelDirectory(path, clock, _table.AddSentinel, _table.RemoveSentinel, selection.OnlyChildrenOf);
        }

        _table.Log.Flush(clock.NowMs);
        _thread = new Thread(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = "collector" };
        _thread.Start();
    }

    /// <summary>How new processes are found, and why not better, in one line.</summary>
    public string Mode { get; }

    /// <summary>What it did so far.</summary>
    public CollectorCounts Counts
    {
        get
        {
            lock (_lock)
            {
                return CountsNow();
            }
        }
    }

    /// <summary>Why the whitelist cannot be watched at the moment; null when it is.</summary>
    public string? Trouble => _sentinels?.Trouble;

    /// <summary>What it knows now, without reading anything; for any thread. The sampling waits while the list is copied (about 0.1 µs a process).</summary>
    public CollectorSnapshot Snapshot()
    {
        lock (_lock)
        {
            var processes = new List<ProcessReading>(_table.Tracked.Count);
            foreach (var process in _table.Tracked)
            {
                if (!process.IsHidden && process.Last.TsMs > 0)
                {
                    processes.Add(Reading(process));
                }
            }

            return new CollectorSnapshot(CountsNow(), null, processes);
        }
    }

    /// <summary>Stops after the tick in progress, takes what the kernel has told by then, and waits for that.</summary>
    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        _waiter.Wake();
        _thread.Join();
        _waiter.Dispose();
        _sentinels?.Dispose();
        _connector?.Dispose();
        _taskStats?.Dispose();
        _cgroupSampler?.Dispose();
        _table.Dispose();
    }

    private static ProcessReading Reading(TrackedProcess process)
    {
        var last = process.Last;
        return new ProcessReading(
            process.Pid,
            process.ParentPid,
            process.Name,
            process.StartNs / RunClock.NsPerMs,
            last.UtimeTicks * Kernel.NsPerClockTick,
            last.StimeTicks * Kernel.NsPerClockTick,
            last.CpuNs,
            last.RssKb,
            process.Threads);
    }

    private static (ProcConnector? Connector, TaskStats? TaskStats, string Mode) OpenKernelEvents(CollectorOptions options)
    {
        ProcConnector? connector = null;
        try
        {
            connector = options.UseKernelEvents
                ? ProcConnector.Open(options.EventBufferBytes)
                : throw new TracekitException("the kernel's events are switched off");
            return (connector, TaskStats.Open(options.EventBufferBytes), "kernel events and exit accounting");
        }
        catch (TracekitException e)
        {
            return connector is null
                ? (null, null, $"a look through /proc every {options.Selection.Refresh.TotalMilliseconds:0} ms, which misses what is shorter: {e.Message}")
                : (connector, null, $"kernel events, closing samples only of processes that are not waited for at once: {e.Message}");
        }
    }

    private CollectorCounts CountsNow() => new(_ticks, _schedule.MissedCount, _table.Samples)
    {
        Processes = _table.Tracked.Count,
        Begun = _table.Begun,
        Exited = _table.Exited,
        Refused = _table.Refused,
        EventsLost = _eventsLost,
        Scans = _scans,
        ForksNotSeen = _forksNotSeen,
        Dropped = _log.DroppedCount,
    };

    private void Run()
    {
        if (_options.IsRealTime && !RealTimeThread.TryBegin())
        {
            _options.Report?.Invoke("real-time sampling is not permitted (CAP_SYS_NICE, or RLIMIT_RTPRIO of 1); sampling at the usual priority");
        }

        while (!_stopping)
        {
            var now = _clock.NowNs;
            var remaining = Math.Min(_schedule.RemainingNs(now), _refresh?.RemainingNs(now) ?? long.MaxValue);
            remaining = _table.IsFollowing ? Math.Min(remaining, FollowNs) : remaining;
            var result = _waiter.Wait(remaining, _sentinels?.Watch, _connector, _taskStats);
            lock (_lock)
            {
                Serve(result);
            }
        }

        lock (_lock)
        {
            TakeEvents();
            _table.Follow(isLast: true);
            _table.Log.Flush(_clock.NowMs);
        }
    }

    private void Serve(WaitResult result)
    {
        _table.Follow();

        // The tick first: its time is a promise. What ended before it is not sampled, and what began can wait.
        if (_schedule.IsDue(_clock.NowNs))
        {
            if (_sentinels?.Trouble is not null)
            {
                _sentinels.Update();
            }

            Tick();
        }

        if (result == WaitResult.DirectoryChanged)
        {
            _sentinels!.Update();
        }

        TakeEvents();
        if (_refresh?.IsDue(_clock.NowNs) is true)
        {
            Refresh();
        }

        _table.Log.Flush(_clock.NowMs);
    }

    // Forks and exits, then accounting, which the kernel sends before the exit; then sentinels, which a launcher makes before a program runs; only then
    // is an exit recorded, by whoever it is to be recorded.
    private void TakeEvents()
    {
        if (_connector is null)
        {
            return;
        }

        var complete = _connector.Read(_onEvent);
        complete &= _taskStats?.Read(_onExit) ?? true;
        _sentinels?.Update();
        if (_table.FinishExits())
        {
            // Of a process with several threads the first one's exit is told when it happens, and the accounting of the last may have come just now.
            complete &= _taskStats?.Read(_onExit) ?? true;
            _table.FinishUnaccounted();
        }

        if (!complete)
        {
            if (_eventsLost++ == 0)
            {
                _options.Report?.Invoke("the kernel told of more processes at once than the collector took in; it looks through /proc instead, and short processes may be missing");
            }

            Scan();
        }
    }

    private void Refresh()
    {
        if (_connector is null || _options.Selection.Busiest > 0)
        {
            Scan();
        }

        if (!_table.Cgroups.IsEmpty)
        {
            _table.RefreshCgroups(_members);
        }

        if (_connector is null)
        {
            _forksNotSeen = Math.Max(0, ProcStatForks.ReadForks() - _forksAtStart - _table.Begun);
        }
    }

    private void Scan()
    {
        _scans++;
        _table.Scan();
        LetGo();
    }

    private void Tick()
    {
        _table.Sample();
        LetGo();
        _cgroupSampler?.Sample(_clock.NowMs);
        _ticks++;
        TellOfGaps();
    }

    private void LetGo()
    {
        while (_table.TakeGone(out var pid))
        {
            _sentinels?.Remove(pid);
        }
    }

    private void TellOfGaps()
    {
        if (_log.IsFailing == _isFailing)
        {
            return;
        }

        _isFailing = _log.IsFailing;
        if (_isFailing)
        {
            (_failingSinceMs, _droppedBefore) = (_clock.NowMs, _log.DroppedCount);
            _options.Report?.Invoke($"{_log.DropReason}; samples are lost until there is room, sampling goes on");
            return;
        }

        var lost = _log.DroppedCount - _droppedBefore;
        _table.Log.Gap(_clock.NowMs, _failingSinceMs, "proc_metrics.jsonl", lost);
        _options.Report?.Invoke($"samples are written again; {lost} of {_clock.NowMs - _failingSinceMs} ms are lost");
    }
}
