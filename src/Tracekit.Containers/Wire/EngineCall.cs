namespace Tracekit.Containers.Wire;

/// <summary>One call to the engine, and how its failure is told.</summary>
/// <param name="Method">HTTP verb.</param>
/// <param name="Path">Path and query without the version, built from checked names only.</param>
/// <param name="What">For the error: "start container web".</param>
internal sealed record EngineCall(HttpMethod Method, string Path, string What)
{
    /// <summary>What the path names, which an answer 404 says there is none of.</summary>
    public EngineFault Missing { get; init; } = EngineFault.Refused;

    /// <summary>The body; null for none.</summary>
    public HttpContent? Body { get; init; }

    /// <summary>How long the answer may take; <see cref="Timeout.InfiniteTimeSpan"/> where the call is one that waits.</summary>
    public TimeSpan TimeAllowed { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>True for a path that has no version before it.</summary>
    public bool IsUnversioned { get; init; }
}
