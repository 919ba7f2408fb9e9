using Microsoft.Win32.SafeHandles;

namespace Tracekit.Trace.Lines;

/// <summary>
/// A file in pieces that end at a line end, for readers that work on several pieces at once. Not thread-safe: callers take turns. A line
/// longer than a
/// buffer is skipped and counted.
/// </summary>
internal sealed class ChunkReader : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle? _file;
    private byte[] _carry = [];
    private int _carried;
    private bool _skipping;
    private bool _atEnd;
    private long _position;

    /// <summary>Opens the file; one that is missing has no lines.</summary>
    /// <exception cref="TracekitException">It is there and cannot be opened.</exception>
    public ChunkReader(string path)
    {
        _path = path;
        _atEnd = !File.Exists(path);
        if (_atEnd)
        {
            return;
        }

        try
        {
            _file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.SequentialScan);
            Length = RandomAccess.GetLength(_file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new TracekitException($"{path}: cannot read: {e.Message}", e);
        }
    }

    /// <summary>Size of the file in bytes when it was opened.</summary>
    public long Length { get; }

    /// <summary>Bytes of the file that have been read.</summary>
    public long Position => _position;

    /// <summary>Lines that were longer than the buffer they were to go into.</summary>
    public long TooLongLines { get; private set; }

    /// <summary>
    /// Fills <paramref name="buffer"/> with whole lines. The last piece of a file may end in a line without a line feed.
    /// </summary>
    /// <param name="buffer">The same length at every call: it is the longest line that can be read.</param>
    /// <param name="fileOffset">Where in the file the piece begins.</param>
    /// <returns>Bytes filled; 0 at the end of the file.</returns>
    public int Read(byte[] buffer, out long fileOffset)
    {
        while (true)
        {
            fileOffset = _position - _carried;
            var filled = Fill(buffer, TakeCarry(buffer));
            var skipped = SkipRestOfLongLine(buffer.AsSpan(0, filled));
            buffer.AsSpan(skipped, filled - skipped).CopyTo(buffer);
            fileOffset += skipped;
            filled -= skipped;
            if (_atEnd)
            {
                return filled;
            }

            var end = buffer.AsSpan(0, filled).LastIndexOf((byte)'\n') + 1;
            if (end == 0 && filled == buffer.Length)
            {
                TooLongLines++;
                _skipping = true;
                continue;
            }

            _carried = filled - end;
            buffer.AsSpan(end, _carried).CopyTo(_carry);
            if (end > 0)
            {
                return end;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private int TakeCarry(byte[] buffer)
    {
        var carried = _carried;
        _carry.AsSpan(0, carried).CopyTo(buffer);
        _carried = 0;
        return carried;
    }

    private int SkipRestOfLongLine(ReadOnlySpan<byte> data)
    {
        if (!_skipping)
        {
            return 0;
        }

        var feed = data.IndexOf((byte)'\n');
        _skipping = feed < 0;
        return feed < 0 ? data.Length : feed + 1;
    }

    private int Fill(byte[] buffer, int from)
    {
        if (_carry.Length == 0)
        {
            _carry = new byte[buffer.Length];
        }

        var filled = from;
        while (!_atEnd && filled < buffer.Length)
        {
            int read;
            try
            {
                read = RandomAccess.Read(_file!, buffer.AsSpan(filled), _position);
            }
            catch (IOException e)
            {
                throw new TracekitException($"{_path}: cannot read: {e.Message}", e);
            }

            _atEnd = read == 0;
            _position += read;
            filled += read;
        }

        return filled;
    }
}
