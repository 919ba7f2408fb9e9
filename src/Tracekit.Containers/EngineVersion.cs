namespace Tracekit.Containers;

/// <summary>What the engine says of itself.</summary>
/// <param name="Version">Its release.</param>
/// <param name="ApiVersion">The newest API that it speaks.</param>
/// <param name="MinAPIVersion">The oldest API that it speaks.</param>
/// <param name="Os">Operating system.</param>
/// <param name="Arch">Architecture, as the engine names it.</param>
public sealed record EngineVersion(string Version, string ApiVersion, string MinAPIVersion, string Os, string Arch);
