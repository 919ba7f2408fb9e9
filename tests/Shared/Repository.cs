namespace Tracekit.Tests;

/// <summary>Where the checkout and the shared reference data are, found from where the test assembly runs.</summary>
internal static class Repository
{
    /// <summary>The directory that holds <c>Tracekit.slnx</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The reference data that stands beside the checkout.</summary>
    public static string Shared { get; } = Path.Combine(Root, "..", "shared");

    private static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Tracekit.slnx")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("no Tracekit.slnx above the test assembly");
        }

        return directory;
    }
}
