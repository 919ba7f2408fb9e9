namespace Tracekit.Containers;

/// <summary>A container that is to be made.</summary>
/// <param name="Image">What it runs in: a reference or an id.</param>
public sealed record ContainerRequest(string Image)
{
    /// <summary>Its name; null to let the engine choose one.</summary>
    public string? Name { get; init; }

    /// <summary>Program and arguments; null for what the image says.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>Environment variables, <c>NAME=value</c>.</summary>
    public IReadOnlyList<string>? Environment { get; init; }

    /// <summary>Directories of this machine that it sees, <c>/here:/there[:ro]</c>.</summary>
    public IReadOnlyList<string>? Binds { get; init; }

    /// <summary>Labels, to find it again.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Its network: <c>none</c>, <c>host</c>, <c>bridge</c>, or a network's name; null for the engine's default.</summary>
    public string? NetworkMode { get; init; }

    /// <summary>The control group that its own is made in; null for the engine's default.</summary>
    public string? CgroupParent { get; init; }

    /// <summary>Its CPU limits from its first instruction.</summary>
    public ContainerLimits Limits { get; init; } = new();

    /// <summary>Removed by the engine when it has ended.</summary>
    public bool AutoRemove { get; init; }
}
