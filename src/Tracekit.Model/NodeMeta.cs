using System.Text.Json.Serialization;

namespace Tracekit.Model;

/// <summary><c>node_meta.json</c>: who and what this node is, with exact values.</summary>
public sealed record NodeMeta
{
    /// <summary>The run that this directory belongs to.</summary>
    public string? RunId { get; init; }

    /// <summary>The node's id.</summary>
    public string? Node { get; init; }

    /// <summary><c>cloud</c>, <c>edge</c> or <c>endpoint</c>.</summary>
    public string? Stage { get; init; }

    /// <summary>The host name.</summary>
    public string? Host { get; init; }

    /// <summary>The network interface that is measured, or null.</summary>
    public string? Iface { get; init; }

    /// <summary>Logical cores online.</summary>
    public int CpuCores { get; init; }

    /// <summary>Memory in MiB.</summary>
    public long MemMb { get; init; }

    /// <summary>The CPU's name as the kernel gives it.</summary>
    public string? CpuModel { get; init; }

    /// <summary>The CPU's base frequency in MHz; 0 when unknown.</summary>
    public int CpuFreqMhz { get; init; }

    /// <summary>By how much the reference clock is ahead of this node's, in ms; null when nobody measured it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ClockOffsetMs { get; init; }

    /// <summary>How far the true offset may lie from that, in ms: half the round trip of the measurement, and what clocks drift since.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ClockErrorMs { get; init; }

    /// <summary>
    /// Offset and error together; null when nobody measured them or they are not usable. An offset alone cannot be told from noise, so it
    /// is not usable either.
    /// </summary>
    [JsonIgnore]
    public ClockOffset? Clock
    {
        get => ClockOffsetMs is { } offset && ClockErrorMs is { } error && new ClockOffset(offset, error) is { IsUsable: true } clock ? clock : null;
        init => (ClockOffsetMs, ClockErrorMs) = (value?.OffsetMs, value?.ErrorMs);
    }

    /// <summary>Time between two samples of a process, in ms.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? SampleIntervalMs { get; init; }

    /// <summary>Time between two samples of the machine, in ms; null when it was not sampled.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? HostIntervalMs { get; init; }

    /// <summary>The kernel's clock source, as <c>tsc</c>; null when not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ClockSource { get; init; }

    /// <summary>Whether the kernel held the system clock for synchronised when the collector began (adjtimex(2)).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? SystemClockSynchronised { get; init; }

    /// <summary>The kernel's offset of the system clock against its time servers, still to be slewed, in ms.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? SystemClockOffsetMs { get; init; }

    /// <summary>The kernel's maximum error of the system clock, in ms.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? SystemClockMaxErrorMs { get; init; }

    /// <summary>The kernel's estimated error of the system clock, in ms.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? SystemClockEstErrorMs { get; init; }
}

/// <summary>A node in <c>CTS/nodes.json</c>: frequency rounded to 100 MHz and memory to 1024 MiB, so that like machines compare equal.</summary>
public sealed record CtsNode
{
    /// <inheritdoc cref="NodeMeta.Node"/>
    public string? NodeId { get; init; }

    /// <inheritdoc cref="NodeMeta.Stage"/>
    public string? Stage { get; init; }

    /// <inheritdoc cref="NodeMeta.CpuCores"/>
    public int CpuCores { get; init; }

    /// <summary>Memory in MiB, rounded to the nearest 1024 (at least 1024, unless unknown).</summary>
    public long MemMb { get; init; }

    /// <inheritdoc cref="NodeMeta.CpuModel"/>
    public string? CpuModel { get; init; }

    /// <summary>Base frequency in MHz, rounded to the nearest 100.</summary>
    public int CpuFreqMhz { get; init; }

    /// <summary>
    /// What was added to every time in the compact trace of this node, in ms, to have it on the reference clock; null for nothing.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ClockShiftMs { get; init; }

    /// <summary>The node as the compact trace shows it.</summary>
    public static CtsNode From(NodeMeta node) => new()
    {
        NodeId = node.Node,
        Stage = node.Stage,
        CpuCores = node.CpuCores,
        MemMb = node.MemMb <= 0 ? 0 : Math.Max(1, (node.MemMb + 512) / 1024) * 1024,
        CpuModel = node.CpuModel,
        CpuFreqMhz = (node.CpuFreqMhz + 50) / 100 * 100,
        ClockShiftMs = node.Clock?.ShiftMs is { } ms and not 0 ? ms : null,
    };
}
