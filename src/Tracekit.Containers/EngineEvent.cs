using System.Text.Json.Serialization;

namespace Tracekit.Containers;

/// <summary>Something that happened in the engine.</summary>
/// <param name="Type">container, image, network, volume, …</param>
/// <param name="Action">create, start, die, kill, pause, unpause, update, destroy, …; for some with more text after a ':'.</param>
/// <param name="Actor">Whom it happened to.</param>
/// <param name="TimeNs">When, in ns since the Unix epoch.</param>
public sealed record EngineEvent(string Type, string Action, EngineActor Actor, [property: JsonPropertyName("timeNano")] long TimeNs);

/// <summary>Whom an event happened to.</summary>
/// <param name="Id">A container's or image's id.</param>
/// <param name="Attributes">name, image, exitCode, labels, …</param>
public sealed record EngineActor([property: JsonPropertyName("ID")] string Id, IReadOnlyDictionary<string, string>? Attributes);
