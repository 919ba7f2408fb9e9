namespace Tracekit.Parquet.Reading;

/// <summary>Bytes that are read from any place.</summary>
internal interface IByteSource : IDisposable
{
    long Length { get; }

    /// <summary>Reads from <paramref name="offset"/>; gives how many bytes, fewer only at the end.</summary>
    int Read(long offset, Span<byte> into);
}

/// <summary>A file. Several columns may be read at a time, each on a thread of its own.</summary>
internal sealed class FileSource(FileStream file) : IByteSource
{
    public long Length { get; } = file.Length;

    public int Read(long offset, Span<byte> into)
    {
        var total = 0;
        while (total < into.Length && RandomAccess.Read(file.SafeFileHandle, into[total..], offset + total) is var read && read > 0)
        {
            total += read;
        }

        return total;
    }

    public void Dispose() => file.Dispose();
}

/// <summary>A stream that seeks, read by one thread.</summary>
internal sealed class StreamSource(Stream stream, bool leaveOpen) : IByteSource
{
    public long Length { get; } = stream.Length;

    public int Read(long offset, Span<byte> into)
    {
        stream.Position = offset;
        return stream.ReadAtLeast(into, into.Length, throwOnEndOfStream: false);
    }

    public void Dispose()
    {
        if (!leaveOpen)
        {
            stream.Dispose();
        }
    }
}
