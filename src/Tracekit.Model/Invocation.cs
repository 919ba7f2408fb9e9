using System.Text.Json.Serialization;

namespace Tracekit.Model;

/// <summary>
/// One unit of work: a program run to its end, or a request served. A line of <c>events.*.jsonl</c>. Times are milliseconds since the
/// Unix epoch on one clock, and <c>TsEnqueue ≤ TsStart ≤ TsEnd</c>.
/// </summary>
public sealed record Invocation
{
    /// <summary>Id of the whole trace that this unit belongs to; a UUID.</summary>
    public string? TraceId { get; init; }

    /// <summary>Id of this unit within its trace.</summary>
    public string? SpanId { get; init; }

    /// <summary>Id of the unit that caused this one.</summary>
    public string? ParentId { get; init; }

    /// <summary>What kind of work: for a program its base name.</summary>
    public string? ModuleId { get; init; }

    /// <summary>Which instance of the module, where there are several.</summary>
    public string? InstanceId { get; init; }

    /// <summary>When it was asked for, in ms.</summary>
    public long? TsEnqueue { get; init; }

    /// <summary>When the program itself began to run, in ms, rounded down.</summary>
    public long? TsStart { get; init; }

    /// <summary>When it ended, in ms, rounded up: the interval covers the real one.</summary>
    public long? TsEnd { get; init; }

    /// <summary>The node it ran on.</summary>
    public string? Node { get; init; }

    /// <summary>The node's stage.</summary>
    public string? Stage { get; init; }

    /// <summary><c>CLI</c>, or the HTTP verb.</summary>
    public string? Method { get; init; }

    /// <summary>Program, or URL path.</summary>
    public string? Path { get; init; }

    /// <summary>Base name of the input, or null.</summary>
    public string? Input { get; init; }

    /// <summary>Base name of the output, or null.</summary>
    public string? Output { get; init; }

    /// <summary>Process id.</summary>
    public int? Pid { get; init; }

    /// <summary>The cores it was bound to, as in <c>0-3,6</c>, or null.</summary>
    public string? Cpuset { get; init; }

    /// <summary>Size of the input in bytes.</summary>
    public long? BytesIn { get; init; }

    /// <summary>Size of the output in bytes.</summary>
    public long? BytesOut { get; init; }

    /// <summary>Exit code, 128 + signal, or HTTP status.</summary>
    public int? Status { get; init; }

    /// <summary>User + system CPU time in ms, of the program and of the children it waited for.</summary>
    public double? CpuTimeMs { get; init; }

    /// <summary>User CPU time in ms (<c>ru_utime</c>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? CpuUserMs { get; init; }

    /// <summary>System CPU time in ms (<c>ru_stime</c>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? CpuSystemMs { get; init; }

    /// <summary>The part of <see cref="CpuTimeMs"/> that children used which the program waited for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? CpuChildrenMs { get; init; }

    /// <summary>Peak resident set in KiB (<c>ru_maxrss</c>): the largest of the program and its waited-for children.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? MaxRssKb { get; init; }

    /// <summary>Voluntary context switches (<c>ru_nvcsw</c>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Nvcsw { get; init; }

    /// <summary>Involuntary context switches (<c>ru_nivcsw</c>).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Nivcsw { get; init; }

    /// <summary>Block input operations (<c>ru_inblock</c>, 512-byte units).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Inblock { get; init; }

    /// <summary>Block output operations (<c>ru_oublock</c>, 512-byte units).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Oublock { get; init; }

    /// <summary>Time from start to end on the monotonic clock in ms, not rounded.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? WallMs { get; init; }

    /// <summary>The profile that the task was made from.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Profile { get; init; }

    /// <summary>Capacity units the task asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? CpuUnits { get; init; }

    /// <summary>How its worker binds tasks to CPUs: <c>exclusive</c> or <c>shared</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CpuBinding { get; init; }

    /// <summary>CPU quota in percent of one core when it started; with shared binding the quota then follows the tasks beside it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? CpuQuotaPercent { get; init; }

    /// <summary>CPU weight, 1 to 10000.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? CpuWeight { get; init; }

    /// <summary>True when the cores of <see cref="Cpuset"/> were shared with another exclusive task, because more was admitted than there are cores.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? CpuOvercommit { get; init; }

    /// <summary>By how much an enqueue time from another clock lay after the start, in ms; it was then set to the start.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? EnqueueSkewMs { get; init; }

    /// <summary>Why a task failed that never became a program, or whose output could not be put in place.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }
}
