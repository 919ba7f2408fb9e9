namespace Tracekit.Containers;

/// <summary>An image as the engine knows it.</summary>
/// <param name="Id"><c>sha256:</c> and 64 hexadecimal digits.</param>
/// <param name="RepoTags">Its names.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Architecture">Architecture, as the engine names it.</param>
/// <param name="Os">Operating system.</param>
public sealed record ImageDetails(string Id, IReadOnlyList<string>? RepoTags, long Size, string Architecture, string Os);
