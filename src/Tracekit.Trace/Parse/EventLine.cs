using System.Text.Json;
using Tracekit.Trace.Lines;

namespace Tracekit.Trace.Parse;

/// <summary>Reads a line of <c>events.*.jsonl</c> and checks that its numbers are usable.</summary>
internal static class EventLine
{
    /// <summary>The invocation, on its node's clock; null when the line holds none.</summary>
    public static Invocation? TryParse(ReadOnlySpan<byte> line, ReferenceTime reference)
    {
        try
        {
            var invocation = JsonSerializer.Deserialize(line, TraceJson.Default.Invocation);
            return invocation is not null && IsInRange(invocation, reference) ? invocation : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// The fields of the compact trace that are missing in an invocation, as a set of bits in the order of <see cref="RequiredFields"/>.
    /// </summary>
    public static int Missing(Invocation i) =>
        (string.IsNullOrEmpty(i.TraceId) ? 1 : 0)
        | (i.Pid is null ? 2 : 0)
        | (i.TsEnqueue is null ? 4 : 0)
        | (i.TsStart is null ? 8 : 0)
        | (i.TsEnd is null ? 16 : 0);

    /// <summary>The fields without which an invocation cannot stand in the compact trace: all but the trace id.</summary>
    public const int Indispensable = 2 | 4 | 8 | 16;

    /// <summary>The fields that the compact trace needs.</summary>
    public static IReadOnlyList<string> RequiredFields { get; } = ["trace_id", "pid", "ts_enqueue", "ts_start", "ts_end"];

    /// <summary>What of the invocation the compact trace keeps, on the reference clock.</summary>
    public static CtsInvocation ToCts(Invocation i, ReferenceTime reference) => new()
    {
        TraceId = i.TraceId,
        Pid = i.Pid ?? 0,
        TsEnqueue = reference.Of(i.TsEnqueue ?? 0),
        TsStart = reference.Of(i.TsStart ?? 0),
        TsEnd = reference.Of(i.TsEnd ?? 0),
        ModuleId = i.ModuleId,
        Profile = i.Profile,
        Input = i.Input,
        CpuUnits = i.CpuUnits,
        CpuTimeMs = i.CpuTimeMs,
        CpuChildrenMs = i.CpuChildrenMs,
        MaxRssKb = i.MaxRssKb,
        Status = i.Status,
    };

    /// <summary>True when the invocation says that its task failed.</summary>
    public static bool Failed(Invocation i) => i.Method is null or "CLI" ? i.Status is not (null or 0) : i.Status >= 400;

    private static bool IsInRange(Invocation i, ReferenceTime reference) =>
        (i.Pid is null || FieldLimits.IsPid(i.Pid.Value))
        && IsTime(i.TsEnqueue, reference) && IsTime(i.TsStart, reference) && IsTime(i.TsEnd, reference)
        && IsCpu(i.CpuTimeMs) && IsCpu(i.CpuChildrenMs)
        && (i.MaxRssKb is null || FieldLimits.IsRss(i.MaxRssKb.Value))
        && i.CpuUnits is null or (>= 0 and <= FieldLimits.MaxCores);

    private static bool IsTime(long? tsMs, ReferenceTime reference) => tsMs is null || reference.Reaches(tsMs.Value);

    // Written so that NaN is out of range.
    private static bool IsCpu(double? ms) => ms is null or (>= 0 and <= (double)FieldLimits.MaxCpuNs / RunClock.NsPerMs);
}
