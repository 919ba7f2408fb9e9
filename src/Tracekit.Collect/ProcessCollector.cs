using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect;

/// <summary>What a collector did.</summary>
/// <param name="Ticks">Ticks served.</param>
/// <param name="MissedTicks">Ticks whose time passed while another was being served.</param>
/// <param name="Samples">Process samples taken.</param>
public readonly record struct CollectorCounts(long Ticks, long MissedTicks, long Samples)
{
    /// <summary>Samples that could not be written.</summary>
    public long Dropped { get; init; }
}

/// <summary>
/// Samples every process of the whitelist at a fixed interval, on a thread of its own, until it is disposed. In steady state it makes three
/// system calls a process (its CPU clock, stat, statm), one write a tick, and no garbage.
/// </summary>
public sealed class ProcessCollector : IDisposable
{
    private readonly SentinelDirectory _sentinels;
    private readonly SampleLog _log;
    private readonly RunClock _clock;
    private readonly TickSchedule _schedule;
    private readonly TickWaiter _waiter;
    private readonly Thread _thread;
    private readonly Stack<int> _ended = new();
    private readonly Action<ProcessSample>? _observer;
    private volatile bool _stopping;
    private long _ticks;
    private long _samples;

    /// <summary>Begins to collect.</summary>
    /// <param name="sentinelPath">The whitelist directory; made if there is none.</param>
    /// <param name="log">Where samples go.</param>
    /// <param name="clock">Stamps them.</param>
    /// <param name="interval">Time between two samples of a process.</param>
    /// <param name="observer">Sees each sample too, on the collector's thread; for a live display.</param>
    /// <param name="onlyChildrenOf">Collect only children of this process; null for every sentinel.</param>
    /// <exception cref="TracekitException">The directory cannot be made or watched.</exception>
    public ProcessCollector(
        string sentinelPath, SampleLog log, RunClock clock, TimeSpan interval, Action<ProcessSample>? observer = null, int? onlyChildrenOf = null)
    {
        _log = log;
        _clock = clock;
        _observer = observer;
        _sentinels = new SentinelDirectory(sentinelPath, clock, onlyChildrenOf);
        _waiter = new TickWaiter();
        _schedule = new TickSchedule(interval, clock.NowNs);
        _thread = new Thread(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = "collector" };
        _thread.Start();
    }

    /// <summary>What it did so far.</summary>
    public CollectorCounts Counts => new(Volatile.Read(ref _ticks), _schedule.MissedCount, Volatile.Read(ref _samples)) { Dropped = _log.DroppedCount };

    /// <summary>Why the whitelist cannot be watched at the moment; null when it is.</summary>
    public string? Trouble => _sentinels.Trouble;

    /// <summary>Stops after the tick in progress, and waits for that.</summary>
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
        _sentinels.Dispose();
    }

    private void Run()
    {
        while (!_stopping)
        {
            if (_waiter.Wait(_schedule.RemainingNs(_clock.NowNs), _sentinels.Watch) == WaitResult.DirectoryChanged)
            {
                _sentinels.Update();
            }
            else if (_schedule.IsDue(_clock.NowNs))
            {
                if (_sentinels.Trouble is not null)
                {
                    _sentinels.Update();
                }

                Tick();
            }
        }
    }

    private void Tick()
    {
        var taken = 0;
        using (var batch = _log.Begin())
        {
            foreach (var probe in _sentinels.Probes)
            {
                if (probe.TrySample(_clock, out var sample))
                {
                    batch.Append(sample);
                    _observer?.Invoke(sample);
                    taken++;
                }
                else
                {
                    _ended.Push(probe.Pid);
                }
            }
        }

        while (_ended.TryPop(out var pid))
        {
            _sentinels.Remove(pid);
        }

        Volatile.Write(ref _ticks, _ticks + 1);
        Volatile.Write(ref _samples, _samples + taken);
    }
}
