namespace Tracekit.Bench;

/// <summary>The checkout that the benchmarks were built from.</summary>
internal static class Repository
{
    /// <summary>Its root: the directory that holds <c>Tracekit.slnx</c>.</summary>
    public static string Root { get; } = Find();

    /// <summary>The path of a file in it.</summary>
    public static string File(string path) => Path.Combine(Root, path);

    private static string Find()
    {
        var directory = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(directory, "Tracekit.slnx")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("no Tracekit.slnx above the benchmarks");
        }

        return directory;
    }
}
