namespace Tracekit.Trace.OpenDc;

/// <summary>The files of an OpenDC workload. Every file name is written here and nowhere else.</summary>
/// <param name="path">The directory.</param>
internal sealed class OpenDcDirectory(string path)
{
    /// <summary>The directory itself.</summary>
    public string Path { get; } = path;

    /// <summary>One row a task.</summary>
    public string Tasks => System.IO.Path.Combine(Path, "tasks.parquet");

    /// <summary>What each task uses over time.</summary>
    public string Fragments => System.IO.Path.Combine(Path, "fragments.parquet");

    /// <summary>The machines that the run ran on.</summary>
    public string Datacenter => System.IO.Path.Combine(Path, "small_datacenter.json");
}
