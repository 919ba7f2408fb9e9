namespace Tracekit.Containers;

/// <summary>A container in a list.</summary>
/// <param name="Id">64 hexadecimal digits.</param>
/// <param name="Names">Its names, each with a '/' before it.</param>
/// <param name="Image">The image's name.</param>
/// <param name="State">created, running, paused, restarting, removing, exited or dead.</param>
/// <param name="Labels">Its labels.</param>
public sealed record ContainerSummary(
    string Id, IReadOnlyList<string> Names, string Image, string State, IReadOnlyDictionary<string, string>? Labels);
