using System.Text.Json;
using System.Text.Json.Serialization;
using Tracekit.Model;

namespace Tracekit.Collect.Daemon;

/// <summary><c>collector_status.json</c>: how a collector is doing; written anew once a second, and a last time when it ends.</summary>
public sealed record CollectorStatus
{
    /// <summary>The run.</summary>
    public string? RunId { get; init; }

    /// <summary>The node.</summary>
    public string? Node { get; init; }

    /// <summary>Process id of the collector.</summary>
    public int Pid { get; init; }

    /// <summary><c>running</c>, or <c>stopped</c> once it has ended in good order.</summary>
    public string? State { get; init; }

    /// <summary>When it began, in ms since the Unix epoch.</summary>
    public long StartedMs { get; init; }

    /// <summary>When this was written, in ms since the Unix epoch.</summary>
    public long TsMs { get; init; }

    /// <summary>Time between two samples of a process, in ms; null when processes are not sampled.</summary>
    public long? IntervalMs { get; init; }

    /// <summary>Time between two samples of the machine, in ms.</summary>
    public long HostIntervalMs { get; init; }

    /// <summary>Ticks of process sampling served.</summary>
    public long Ticks { get; init; }

    /// <summary>Ticks of process sampling whose time passed while another was being served.</summary>
    public long Missed { get; init; }

    /// <summary>Process samples taken.</summary>
    public long Samples { get; init; }

    /// <summary>Processes that are sampled now.</summary>
    public long Processes { get; init; }

    /// <summary>Processes that were sampled from their beginning.</summary>
    public long Begun { get; init; }

    /// <summary>Processes whose end was recorded, or found.</summary>
    public long Exited { get; init; }

    /// <summary>Processes of which something could not be read.</summary>
    public long Refused { get; init; }

    /// <summary>Where the kernel does not tell of new processes: how many can have been missed at most (<see cref="CollectorCounts.ForksNotSeen"/>).</summary>
    public long ForksNotSeen { get; init; }

    /// <summary>Process samples that could not be written.</summary>
    public long Dropped { get; init; }

    /// <summary>Ticks of host sampling served.</summary>
    public long HostTicks { get; init; }

    /// <summary>Ticks of host sampling that were missed.</summary>
    public long HostMissed { get; init; }

    /// <summary>Host lines that could not be written.</summary>
    public long HostDropped { get; init; }

    /// <summary>Steps of the system clock that were noticed.</summary>
    public long ClockSteps { get; init; }

    /// <summary>What is wrong at the moment, or why something was dropped; null when all is well.</summary>
    public string? Trouble { get; init; }

    /// <summary>Writes the file.</summary>
    /// <exception cref="TracekitException">It cannot be written.</exception>
    public void Write(RunDirectory directory) =>
        AtomicFile.Write(directory.CollectorStatus, JsonSerializer.SerializeToUtf8Bytes(this, CollectJson.Default.CollectorStatus));

    /// <summary>Reads the file; null when there is none that can be read.</summary>
    public static CollectorStatus? Read(RunDirectory directory)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(directory.CollectorStatus), CollectJson.Default.CollectorStatus);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}

/// <summary>JSON of what collectors tell of themselves; names in snake_case.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(CollectorStatus))]
public sealed partial class CollectJson : JsonSerializerContext;
