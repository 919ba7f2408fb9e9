using Tracekit.Model;

namespace Tracekit.Collect;

/// <summary>What a <see cref="ProcessCollector"/> does.</summary>
public sealed record CollectorOptions
{
    /// <summary>Which processes.</summary>
    public required ProcessSelection Selection { get; init; }

    /// <summary>Time between two samples of a process.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>What is recorded beside CPU time and resident set.</summary>
    public ProcessDetails Details { get; init; }

    /// <summary>False to look through /proc each <see cref="ProcessSelection.Refresh"/> also where the kernel would tell of processes.</summary>
    public bool UseKernelEvents { get; init; } = true;

    /// <summary>
    /// Sample at the lowest real-time priority (SCHED_FIFO, sched(7)), where that is permitted: ticks are on time on a machine that is fully loaded, and the
    /// CPU clock of a process that ends is read before it is gone. The price is that it goes before the workload.
    /// </summary>
    public bool IsRealTime { get; init; }

    /// <summary>How much the kernel may have to tell before it is read, in bytes; beyond, events are lost and /proc is looked through.</summary>
    public int EventBufferBytes { get; init; } = Linux.ProcConnector.DefaultReceiveBufferBytes;

    /// <summary>Where the lines of <c>processes.jsonl</c> go; null for nowhere.</summary>
    public ILineSink? ProcessEvents { get; init; }

    /// <summary>Where the lines of <c>cgroups.jsonl</c> go; null for nowhere.</summary>
    public ILineSink? CgroupSamples { get; init; }

    /// <summary>Sees each sample too, on the collector's thread; for a live display.</summary>
    public Action<ProcessSample>? Observer { get; init; }

    /// <summary>Is told, in one line each, what people should know: a disk that is full, events that were lost.</summary>
    public Action<string>? Report { get; init; }
}
