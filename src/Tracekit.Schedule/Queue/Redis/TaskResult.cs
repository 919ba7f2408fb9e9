namespace Tracekit.Schedule;

/// <summary>The one accepted result of a task: a field of <c>tracekit:results</c>, JSON. Its times are on the server's clock.</summary>
public sealed record TaskResult(
    string Id,
    string Node,
    int Attempt,
    string Outcome,
    int? Status,
    string? TraceId,
    int? Pid,
    long? Seq,
    long? TsEnqueue,
    long? TsStart,
    long? TsEnd,
    double? CpuTimeMs,
    string? Error);

/// <summary>What a worker says of its node: a field of <c>tracekit:nodes</c>, JSON.</summary>
public sealed record NodeDescriptionRecord(
    string Worker, string Host, int Pid, int Capacity, int? Slots, int LogicalCores, double AllocationRatio);
