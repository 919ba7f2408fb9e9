namespace Tracekit.Containers;

/// <summary>Which of its streams a container wrote to.</summary>
public enum LogSource
{
    /// <summary>Standard output; also everything from a container with a terminal.</summary>
    Output = 1,

    /// <summary>Standard error.</summary>
    Error = 2,
}

/// <summary>A piece of what a container wrote.</summary>
/// <param name="Source">Where to.</param>
/// <param name="Bytes">What, as it came; a line may be cut between two pieces.</param>
public readonly record struct LogFrame(LogSource Source, ReadOnlyMemory<byte> Bytes);
