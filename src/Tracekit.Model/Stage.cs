namespace Tracekit.Model;

/// <summary>Where in the continuum a node stands: <c>cloud</c>, <c>edge</c> or <c>endpoint</c>.</summary>
public static class Stage
{
    /// <summary>The stage when nothing says otherwise.</summary>
    public const string Default = "cloud";

    /// <summary>Returns <paramref name="text"/> when it names a stage.</summary>
    /// <exception cref="UsageException">It does not.</exception>
    public static string Check(string text) => text is "cloud" or "edge" or "endpoint"
        ? text
        : throw new UsageException($"stage '{Printable.Line(text)}': use cloud, edge or endpoint");
}
