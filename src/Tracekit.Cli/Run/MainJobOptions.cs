using Tracekit.Model;
using Tracekit.Schedule;
using Tracekit.Trace.OpenDc;

namespace Tracekit.Cli.Run;

/// <summary>What <c>run</c> was asked for, checked as far as flags can be without looking at files.</summary>
internal sealed record MainJobOptions
{
    /// <summary>This node.</summary>
    public required NodeMeta Node { get; init; }

    /// <summary>The run's id; null to make one.</summary>
    public required string? RunId { get; init; }

    /// <summary>The directory of all runs.</summary>
    public required string Logs { get; init; }

    /// <summary>The Redis that the queue is on, so that workers on other machines can join in; null for a queue in this process.</summary>
    public RedisControlOptions? Redis { get; init; }

    /// <summary>What tasks.</summary>
    public required TaskPlanOptions Plan { get; init; }

    /// <summary>When they are pushed.</summary>
    public required DispatcherOptions Dispatch { get; init; }

    /// <summary>What this machine offers.</summary>
    public required WorkerOptions Worker { get; init; }

    /// <summary>How the scheduler chooses.</summary>
    public required HostWeigher Weigher { get; init; }

    /// <summary>Time between two samples of a process.</summary>
    public required TimeSpan SampleInterval { get; init; }

    /// <summary>Where the OpenDC files go; null for <c>opendc_traces/</c> and the run's id.</summary>
    public required string? ExportDirectory { get; init; }

    /// <summary>Where their task ids come from.</summary>
    public required TaskIdMode TaskIdMode { get; init; }
}
