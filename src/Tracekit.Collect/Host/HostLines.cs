using Tracekit.Model;

namespace Tracekit.Collect.Host;

/// <summary>Lines of one file, gathered during a tick and written in one piece at its end.</summary>
/// <param name="sink">Where they go.</param>
internal sealed class HostLines(ILineSink sink)
{
    private const int BufferBytes = 64 * 1024;

    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _length;
    private int _lines;
    private long _droppedCount;

    /// <summary>Lines that could not be written, for example on a full disk.</summary>
    public long DroppedCount => Volatile.Read(ref _droppedCount);

    /// <summary>The last reason why; null for none.</summary>
    public string? DropReason { get; private set; }

    /// <summary>Room for one more line of at most <see cref="HostLine.MaxBytes"/>.</summary>
    public Span<byte> Room()
    {
        if (_buffer.Length - _length < HostLine.MaxBytes)
        {
            Flush();
        }

        return _buffer.AsSpan(_length);
    }

    /// <summary>Keeps what was written into the room.</summary>
    public void Add(int bytes)
    {
        _length += bytes;
        _lines++;
    }

    /// <summary>Writes what was gathered.</summary>
    public void Flush()
    {
        if (_length == 0)
        {
            return;
        }

        try
        {
            sink.Append(_buffer.AsSpan(0, _length));
        }
        catch (TracekitException e)
        {
            // Sampling goes on: the disk may have room again.
            Volatile.Write(ref _droppedCount, _droppedCount + _lines);
            DropReason = e.Message;
        }

        _length = 0;
        _lines = 0;
    }
}
