namespace Tracekit.Bench;

/// <summary>A directory of a benchmark's own, gone with it.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    /// <summary>Its path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("tracekit-bench-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
