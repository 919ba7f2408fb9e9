using System.Text.Json.Serialization;

namespace Tracekit.Containers.Json;

/// <summary>What create wants.</summary>
internal sealed record CreateBody(
    string Image,
    IReadOnlyList<string>? Cmd,
    IReadOnlyList<string>? Env,
    IReadOnlyDictionary<string, string>? Labels,
    CreateHostConfig HostConfig);

/// <summary>The part of create that is about this machine.</summary>
internal sealed record CreateHostConfig(
    IReadOnlyList<string>? Binds,
    string? NetworkMode,
    string? CgroupParent,
    bool AutoRemove,
    string? CpusetCpus,
    long? CpuQuota,
    long? CpuPeriod,
    long? CpuShares);

/// <summary>What create answers.</summary>
internal sealed record CreateAnswer(string Id);

/// <summary>What update wants.</summary>
internal sealed record UpdateBody(string? CpusetCpus, long? CpuQuota, long? CpuPeriod, long? CpuShares);

/// <summary>What wait answers.</summary>
internal sealed record WaitAnswer(int StatusCode, WaitError? Error);

/// <summary>Why a wait ended without an exit.</summary>
internal sealed record WaitError(string? Message);

/// <summary>What every refused call answers.</summary>
internal sealed record ErrorAnswer([property: JsonPropertyName("message")] string? Message);

/// <summary>A line of what image calls answer while they work.</summary>
internal sealed record ProgressLine(
    [property: JsonPropertyName("status")] string? Status,
    [property: JsonPropertyName("stream")] string? Stream,
    [property: JsonPropertyName("error")] string? Error);
