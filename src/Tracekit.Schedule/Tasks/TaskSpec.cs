using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>
/// One task: a transcode by ffmpeg and the CPU share it asks for. The JSON object that travels through the queues (contracts, section 4);
/// fields that are not known are ignored. What comes from a queue is hostile until <see cref="Validate"/> let it pass.
/// </summary>
public sealed record TaskSpec
{
    /// <summary>The largest JSON text that is read as a task, in bytes.</summary>
    public const int MaxJsonBytes = 64 * 1024;

    /// <summary>Capacity units of a task that does not say: one, so that it fits every node.</summary>
    public const int DefaultCpuUnits = 1;

    /// <summary>Path of the video that is read.</summary>
    public string Input { get => field ?? ""; init; }

    /// <summary>Path of the video that is written.</summary>
    public string Output { get => field ?? ""; init; }

    /// <summary>Target size, <c>W:H</c>: <see cref="ScaleSize"/>.</summary>
    public string Scale { get => field ?? ""; init; }

    /// <summary><c>h264</c> or <c>hevc</c>.</summary>
    public string Vcodec { get => field ?? ""; init; }

    /// <summary>The encoder's preset: <c>ultrafast</c> to <c>placebo</c>.</summary>
    public string Preset { get => field ?? ""; init; }

    /// <summary>Constant rate factor, 0 to 51.</summary>
    public int Crf { get; init; }

    /// <summary>Threads of the encoder; null or 0 leaves them to it. libx265 has thread pools of its own and takes no notice.</summary>
    public int? Vthreads { get; init; }

    /// <summary>Threads of the filters; null or 0 leaves them to ffmpeg.</summary>
    public int? Fthreads { get; init; }

    /// <summary>Capacity units that the task takes of a node; with exclusive binding also its number of logical cores.</summary>
    [JsonIgnore]
    public int CpuUnits { get; init; } = DefaultCpuUnits;

    // The generated reader sets every init property, those that the text lacks to their type's default: only a nullable one can tell "none" from 0.
    [JsonInclude]
    [JsonPropertyName("cpu_units")]
    internal int? CpuUnitsInJson { get => CpuUnits; init => CpuUnits = value ?? DefaultCpuUnits; }

    /// <summary>The cores that the task asks for by number, as in <c>0-3,6</c>; null lets the worker choose.</summary>
    public string? Cpuset { get => string.IsNullOrEmpty(field) ? null : field; init; }

    /// <summary>CPU quota in percent of one core: 200 is two.</summary>
    public double? CpuQuota { get; init; }

    /// <summary>CPU weight, 1 to 10000 (cgroup v2 <c>cpu.weight</c>).</summary>
    public int? CpuWeight { get; init; }

    /// <summary>Name of the systemd unit that the task is to run as.</summary>
    public string? UnitName { get => string.IsNullOrEmpty(field) ? null : field; init; }

    /// <summary>When the dispatcher pushed it, in ms since the Unix epoch.</summary>
    public long? TsEnqueue { get; init; }

    /// <summary>Number within its dispatch, from 0.</summary>
    [JsonPropertyName("_seq")]
    public long? Seq { get; init; }

    /// <summary>The profile that it was made from.</summary>
    public string? Profile { get; init; }

    /// <summary>
    /// The program and its arguments, in place of ffmpeg and the encoder settings. Only a worker that was told to allow the program runs it.
    /// </summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>Id of the task itself, by which its attempts and its result are kept; null until a dispatcher or scheduler gives it one.</summary>
    public string? Id { get; init; }

    /// <summary>The dispatch that it belongs to; null for one of a dispatcher that keeps no records.</summary>
    public string? Dispatch { get; init; }

    /// <summary>Id of its trace, a UUID.</summary>
    public string? TraceId { get; init; }

    /// <summary>Length of the input in seconds, where a policy asked for it; null when not asked or not known.</summary>
    public double? DurationS { get; init; }

    /// <summary>Reads a task from JSON. It is well-formed then, not yet valid: see <see cref="Validate"/>.</summary>
    /// <param name="json">One JSON object, UTF-8.</param>
    /// <param name="from">Where it came from, for the error.</param>
    /// <exception cref="TraceFormatException">It is no JSON object, too large, or a field has the wrong type.</exception>
    public static TaskSpec Parse(ReadOnlySpan<byte> json, string from)
    {
        if (json.Length > MaxJsonBytes)
        {
            throw new TraceFormatException($"{from}: a task of {json.Length} bytes; {MaxJsonBytes} is the limit");
        }

        try
        {
            return JsonSerializer.Deserialize(json, TaskJson.Default.TaskSpec) ?? throw new TraceFormatException($"{from}: not a task: null");
        }
        catch (JsonException e)
        {
            throw new TraceFormatException($"{from}: not a task: {Printable.Line(e.Message)}");
        }
    }

    /// <summary>The task as one JSON object, UTF-8, without a line feed.</summary>
    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            JsonSerializer.Serialize(writer, this, TaskJson.Default.TaskSpec);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Makes sure that the task can do no more than transcode one file into another.</summary>
    /// <exception cref="TracekitException">It cannot be trusted: everything that is wrong, in one line.</exception>
    public void Validate()
    {
        var faults = TaskFaults.Of(this);
        if (faults.Count > 0)
        {
            throw new TracekitException($"task {Seq?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "without _seq"} refused: {string.Join("; ", faults)}");
        }
    }
}

/// <summary>JSON of tasks, generated at compile time. What is null is left out, as the older tools do.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString,
    MaxDepth = 16)]
[JsonSerializable(typeof(TaskSpec))]
[JsonSerializable(typeof(TaskResult))]
[JsonSerializable(typeof(NodeDescriptionRecord))]
public sealed partial class TaskJson : JsonSerializerContext;
