using Tracekit.Collect;
using Tracekit.Collect.Daemon;
using Tracekit.Containers;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Cli.Collect;

/// <summary>
/// The processes' side of a collector: the one place where a selection becomes a <see cref="ProcessCollector"/>. A container that restarts has another
/// control group: the collector of the old one makes room for that of the new one, into the same files.
/// </summary>
internal sealed class ProcessCollection : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CollectorOptions _options;
    private readonly RunClock _clock;
    private readonly AppendFile _samples;
    private readonly AppendFile _events;
    private readonly AppendFile? _cgroups;
    private readonly SampleLog _log;
    private readonly CancellationTokenSource _ending = new();
    private readonly ContainerEngine? _engine;
    private readonly Task _following = Task.CompletedTask;
    private ProcessCollector _collector;
    private CollectorCounts _before;

    private ProcessCollection(CollectOptions options, ProcessSelection selection, RunDirectory directory, RunClock clock)
    {
        _clock = clock;
        _samples = AppendFile.Open(directory.ProcMetrics);
        try
        {
            _events = AppendFile.Open(directory.Processes);
            if (options.Container is { } name)
            {
                _engine = ContainerEngine.ConnectAsync(EngineEndpoint.FromEnvironment(), _ending.Token).GetAwaiter().GetResult();
                var groups = ContainerCgroups.ReadAsync(_engine, name, _ending.Token).GetAwaiter().GetResult();
                selection = selection with { Cgroups = [.. selection.Cgroups, .. groups] };
            }

            _cgroups = selection.Cgroups.Count > 0 ? AppendFile.Open(directory.Cgroups) : null;
            _log = new SampleLog(_samples);
            _options = new CollectorOptions
            {
                Selection = selection,
                Interval = options.Interval,
                Details = options.Details,
                IsRealTime = options.IsRealTime,
                ProcessEvents = _events,
                CgroupSamples = _cgroups,
                Report = Log.Line,
            };
            _collector = new ProcessCollector(_options, _log, clock);
        }
        catch
        {
            _engine?.Dispose();
            _cgroups?.Dispose();
            _events?.Dispose();
            _samples.Dispose();
            _ending.Dispose();
            throw;
        }

        if (_engine is not null)
        {
            _following = FollowAsync(_engine, options.Container!, options.Selection!);
        }
    }

    /// <summary>How processes that begin are found.</summary>
    public string Mode => _collector.Mode;

    /// <summary>Begins to collect.</summary>
    /// <exception cref="UsageException">A control group that was asked for is none.</exception>
    /// <exception cref="TracekitException">A directory cannot be watched, a file not be written, or a container does not run.</exception>
    public static ProcessCollection Begin(CollectOptions options, ProcessSelection selection, RunDirectory directory, RunClock clock) => new(options, selection, directory, clock);

    /// <summary>What it knows now.</summary>
    public CollectorSnapshot Snapshot()
    {
        lock (_lock)
        {
            var snapshot = _collector.Snapshot();
            return snapshot with { Counts = Sum(_before, snapshot.Counts) };
        }
    }

    /// <summary>Adds what it did to a status.</summary>
    public CollectorStatus AddTo(CollectorStatus status)
    {
        lock (_lock)
        {
            var counts = Sum(_before, _collector.Counts);
            return status with
            {
                Ticks = counts.Ticks,
                Missed = counts.MissedTicks,
                Samples = counts.Samples,
                Processes = counts.Processes,
                Begun = counts.Begun,
                Exited = counts.Exited,
                Refused = counts.Refused,
                ForksNotSeen = counts.ForksNotSeen,
                Dropped = counts.Dropped,
                Trouble = _collector.Trouble ?? _log.DropReason ?? status.Trouble,
            };
        }
    }

    /// <summary>Stops.</summary>
    public void Dispose()
    {
        if (_ending.IsCancellationRequested)
        {
            return;
        }

        _ending.Cancel();
        _following.GetAwaiter().GetResult();
        _collector.Dispose();
        _engine?.Dispose();
        _cgroups?.Dispose();
        _events.Dispose();
        _samples.Dispose();
    }

    private static CollectorCounts Sum(in CollectorCounts before, in CollectorCounts now) => now with
    {
        Ticks = before.Ticks + now.Ticks,
        MissedTicks = before.MissedTicks + now.MissedTicks,
        Samples = before.Samples + now.Samples,
        Begun = before.Begun + now.Begun,
        Exited = before.Exited + now.Exited,
        Refused = before.Refused + now.Refused,
        EventsLost = before.EventsLost + now.EventsLost,
        Scans = before.Scans + now.Scans,
        ForksNotSeen = before.ForksNotSeen + now.ForksNotSeen,
    };

    private async Task FollowAsync(ContainerEngine engine, string container, ProcessSelection selection)
    {
        var isFirst = true;
        try
        {
            await foreach (var groups in ContainerCgroups.FollowAsync(engine, container, Log.Line, _ending.Token).ConfigureAwait(false))
            {
                // The first is what the collector began with. While the container does not run, its old group stands: nothing is in it.
                if (!isFirst && groups.Count > 0)
                {
                    Replace(selection with { Cgroups = [.. selection.Cgroups, .. groups] });
                }

                isFirst = false;
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // Stopping.
        }
        catch (TracekitException e)
        {
            Log.Line($"container {container} is followed no more: {e.Message}");
        }
    }

    private void Replace(ProcessSelection selection)
    {
        lock (_lock)
        {
            _collector.Dispose();
            _before = Sum(_before, _collector.Counts);
            try
            {
                _collector = new ProcessCollector(_options with { Selection = selection }, _log, _clock);
            }
            catch (TracekitException e)
            {
                // Gone again before it could be looked at; the next answer of the engine tells.
                Log.Line(e.Message);
                _collector = new ProcessCollector(_options with { Selection = selection with { Cgroups = [] } }, _log, _clock);
            }
        }
    }
}
