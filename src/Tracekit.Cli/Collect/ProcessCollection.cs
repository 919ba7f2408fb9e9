using Tracekit.Collect;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Cli.Collect;

/// <summary>The processes' side of a collector: the one place where a selection becomes a <see cref="ProcessCollector"/>.</summary>
internal sealed class ProcessCollection : IDisposable
{
    private readonly AppendFile _file;
    private readonly SampleLog _log;
    private readonly ProcessCollector _collector;
    private CollectorCounts _before;
    private long _processes;

    private ProcessCollection(AppendFile file, ProcessSelection selection, RunClock clock, TimeSpan interval)
    {
        _file = file;
        _log = new SampleLog(file);
        _collector = new ProcessCollector(selection.SentinelDirectory!, _log, clock, interval);
    }

    /// <summary>Begins to collect.</summary>
    /// <exception cref="TracekitException">A directory cannot be watched, or the file not be written.</exception>
    public static ProcessCollection Begin(ProcessSelection selection, RunDirectory directory, RunClock clock, TimeSpan interval)
    {
        if (selection is { Match: not null } or { Cgroups.Count: > 0 } or { Trees.Count: > 0 } or { Busiest: > 0 })
        {
            throw new UsageException("only processes with a sentinel are sampled: leave out --proc-match, --cgroup, --pid and --top");
        }

        var file = AppendFile.Open(directory.ProcMetrics);
        try
        {
            return new ProcessCollection(file, selection, clock, interval);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Adds what it did to a status.</summary>
    public Tracekit.Collect.Daemon.CollectorStatus AddTo(Tracekit.Collect.Daemon.CollectorStatus status)
    {
        var counts = _collector.Counts;
        if (counts.Ticks > _before.Ticks)
        {
            _processes = (counts.Samples - _before.Samples) / (counts.Ticks - _before.Ticks);
            _before = counts;
        }

        return status with
        {
            Ticks = counts.Ticks,
            Missed = counts.MissedTicks,
            Samples = counts.Samples,
            Processes = _processes,
            Dropped = _log.DroppedCount,
            Trouble = _collector.Trouble ?? _log.DropReason ?? status.Trouble,
        };
    }

    /// <summary>Stops.</summary>
    public void Dispose()
    {
        _collector.Dispose();
        _file.Dispose();
    }
}
