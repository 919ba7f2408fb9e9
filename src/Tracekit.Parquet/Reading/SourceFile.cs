namespace Tracekit.Parquet.Reading;

/// <summary>An open file: its bytes, what it is called in errors, and the limits.</summary>
internal sealed class SourceFile(IByteSource source, string? path, ParquetReaderOptions options) : IDisposable
{
    public ParquetReaderOptions Options { get; } = options;

    public long Length => source.Length;

    /// <exception cref="ParquetFormatException">The file ends before <paramref name="into"/> is full.</exception>
    public void Read(long offset, Span<byte> into)
    {
        var read = source.Read(offset, into);
        if (read != into.Length)
        {
            throw Fault(offset + read, $"the file ends where {into.Length - read} more bytes are due");
        }
    }

    public ParquetFormatException Fault(long offset, string what, Exception? inner = null) => new(path, offset, what, inner);

    public void Dispose() => source.Dispose();
}
