namespace Tracekit.Parquet.Writing;

/// <summary>The stream that a file is written to, with the number of bytes so far: nothing seeks.</summary>
internal sealed class PageOutput(Stream stream, bool leaveOpen) : IDisposable
{
    public long Position { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        Position += bytes.Length;
    }

    public void Flush() => stream.Flush();

    public void Dispose()
    {
        if (!leaveOpen)
        {
            stream.Dispose();
        }
    }
}
