using Tracekit.Collect;
using Tracekit.Model;
using Tracekit.Trace.Audit;
using Tracekit.Trace.OpenDc;

namespace Tracekit.Cli.Run;

/// <summary>What a run came to: printed as tables, or with <c>--json</c> as this.</summary>
internal sealed record RunReport
{
    /// <summary>The most failures that are listed.</summary>
    public const int MaxFailures = 20;

    /// <summary>The run.</summary>
    public required string RunId { get; init; }

    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>True when it was stopped before its end.</summary>
    public required bool Interrupted { get; init; }

    /// <summary>Tasks asked for.</summary>
    public required int Tasks { get; init; }

    /// <summary>Tasks that ended with status 0.</summary>
    public required int Succeeded { get; init; }

    /// <summary>Tasks that ended otherwise.</summary>
    public required int Failed { get; init; }

    /// <summary>Tasks that workers on other machines ran; their records are there.</summary>
    public int RanElsewhere { get; init; }

    /// <summary>Tasks that were never started.</summary>
    public required int NotRun { get; init; }

    /// <summary>From the first enqueue to the last end, in ms.</summary>
    public required long MakespanMs { get; init; }

    /// <summary>Tasks that succeeded, per hour of makespan.</summary>
    public required double ThroughputPerHour { get; init; }

    /// <summary>By profile.</summary>
    public required IReadOnlyList<ProfileReport> Profiles { get; init; }

    /// <summary>The first tasks that failed.</summary>
    public required IReadOnlyList<FailureReport> Failures { get; init; }

    /// <summary>Ticks and samples of the collector.</summary>
    public required CollectorReport Collector { get; init; }

    /// <summary>Whether the trace can be trusted: pass, warn or fail.</summary>
    public AuditVerdict? Audit { get; init; }

    /// <summary>What the audit found.</summary>
    public IReadOnlyList<AuditFinding> Findings { get; init; } = [];

    /// <summary>What was exported; null when nothing could be.</summary>
    public ExportResult? Export { get; init; }

    /// <summary>Faults that verification found in the exported files.</summary>
    public IReadOnlyList<string> VerifyFaults { get; init; } = [];

    /// <summary>The files and directories written.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];
}

/// <summary>One profile's tasks. Percentiles are by nearest rank.</summary>
internal sealed record ProfileReport(
    string Profile,
    int Tasks,
    int Failed,
    long WaitP50Ms,
    long WaitP95Ms,
    double RunP50Ms,
    double RunP95Ms,
    double CpuS,
    double MeanCores,
    long PeakRssKb)
{
    /// <summary>Sums up the invocations of one profile.</summary>
    public static ProfileReport Of(string profile, IReadOnlyCollection<Invocation> invocations)
    {
        long[] waits = [.. invocations.Select(i => i.TsStart!.Value - i.TsEnqueue!.Value).Order()];
        double[] runs = [.. invocations.Select(RunMs).Order()];
        var cpuMs = invocations.Sum(i => i.CpuTimeMs ?? 0);
        var runMs = runs.Sum();
        return new ProfileReport(
            profile,
            invocations.Count,
            invocations.Count(i => i.Status != 0),
            Percentile.Of(waits, 50),
            Percentile.Of(waits, 95),
            Percentile.Of(runs, 50),
            Percentile.Of(runs, 95),
            cpuMs / 1000,
            runMs > 0 ? cpuMs / runMs : 0,
            invocations.Max(i => i.MaxRssKb ?? 0));
    }

    private static double RunMs(Invocation invocation) => invocation.WallMs ?? invocation.TsEnd!.Value - invocation.TsStart!.Value;
}

/// <summary>A task that failed.</summary>
internal sealed record FailureReport(string? Input, string? Output, string? Profile, int? Status, string? Error);

/// <summary>What the collector did, and what it could not.</summary>
internal sealed record CollectorReport(CollectorCounts Counts, long DroppedSamples, string? DropReason);

/// <summary>Percentiles by nearest rank.</summary>
internal static class Percentile
{
    /// <summary>The smallest value that at least <paramref name="percent"/> of all values do not exceed.</summary>
    /// <param name="sorted">Ascending; not empty.</param>
    /// <param name="percent">Above 0, at most 100.</param>
    public static T Of<T>(ReadOnlySpan<T> sorted, int percent) => sorted[((sorted.Length * percent) + 99) / 100 - 1];
}
