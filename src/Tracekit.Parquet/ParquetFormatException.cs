namespace Tracekit.Parquet;

/// <summary>A file is not Parquet, is damaged, is not what the caller asks it to be, or uses what this reader does not read.</summary>
public sealed class ParquetFormatException : Exception
{
    /// <summary>A fault without a place.</summary>
    public ParquetFormatException()
    {
    }

    /// <summary>A fault without a place.</summary>
    public ParquetFormatException(string message)
        : base(message)
    {
    }

    /// <summary>A fault without a place, and what led to it.</summary>
    public ParquetFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>A fault at a place in a file.</summary>
    /// <param name="path">The file, or what the caller calls the stream; null if it has no name.</param>
    /// <param name="offset">Bytes from the start of the file: of the damage if that can be told, else of what holds it.</param>
    /// <param name="what">What is wrong.</param>
    /// <param name="innerException">What led to it.</param>
    public ParquetFormatException(string? path, long offset, string what, Exception? innerException = null)
        : base($"{path ?? "parquet stream"}: byte {offset}: {what}", innerException)
    {
        Path = path;
        Offset = offset;
    }

    /// <summary>The file, if it is known.</summary>
    public string? Path { get; }

    /// <summary>Bytes from the start of the file, if it is known.</summary>
    public long? Offset { get; }
}
