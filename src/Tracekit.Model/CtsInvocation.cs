using System.Text.Json.Serialization;

namespace Tracekit.Model;

/// <summary>A line of <c>CTS/invocations.jsonl</c>: the five fields that every reader knows, and beside them what the exporter can use.</summary>
public sealed record CtsInvocation
{
    /// <inheritdoc cref="Invocation.TraceId"/>
    public string? TraceId { get; init; }

    /// <inheritdoc cref="Invocation.Pid"/>
    public int Pid { get; init; }

    /// <inheritdoc cref="Invocation.TsEnqueue"/>
    public long TsEnqueue { get; init; }

    /// <inheritdoc cref="Invocation.TsStart"/>
    public long TsStart { get; init; }

    /// <inheritdoc cref="Invocation.TsEnd"/>
    public long TsEnd { get; init; }

    /// <inheritdoc cref="Invocation.ModuleId"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ModuleId { get; init; }

    /// <inheritdoc cref="Invocation.Profile"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Profile { get; init; }

    /// <inheritdoc cref="Invocation.Input"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Input { get; init; }

    /// <inheritdoc cref="Invocation.CpuUnits"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? CpuUnits { get; init; }

    /// <inheritdoc cref="Invocation.CpuTimeMs"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? CpuTimeMs { get; init; }

    /// <inheritdoc cref="Invocation.CpuChildrenMs"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? CpuChildrenMs { get; init; }

    /// <inheritdoc cref="Invocation.MaxRssKb"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? MaxRssKb { get; init; }

    /// <inheritdoc cref="Invocation.Status"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Status { get; init; }
}
