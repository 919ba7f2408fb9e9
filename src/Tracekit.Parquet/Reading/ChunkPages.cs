using System.Buffers;
using Tracekit.Parquet.Codecs;
using Tracekit.Parquet.Footer;

namespace Tracekit.Parquet.Reading;

/// <summary>A page, decompressed.</summary>
/// <param name="Header">What stood before it.</param>
/// <param name="Buffer">Holds it, until the next page is read.</param>
/// <param name="Start">Where in the buffer it starts.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Offset">Where in the file its header starts.</param>
internal readonly record struct Page(PageHeader Header, byte[] Buffer, int Start, int End, long Offset);

/// <summary>
/// Reads the pages of column chunks one after another through two buffers: what lies in the file, and a page decompressed.
/// No buffer is larger than what the file really holds, or can decompress to.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="keepPages">Whether values will be views of their page, so that each page needs a buffer of its own.</param>
internal sealed class ChunkPages(SourceFile file, bool keepPages) : IDisposable
{
    /// <summary>What is read from the file at a time, if no page is larger.</summary>
    private const int ReadAheadBytes = 256 << 10;

    private byte[] _window = [];
    private int _windowStart;
    private int _windowEnd;
    private long _fileOffset;
    private long _chunkEnd;
    private byte[] _page = [];
    private ColumnChunk? _chunk;
    private string _column = "";

    /// <summary>Where in the file what is read next lies.</summary>
    public long Offset => _fileOffset - Available;

    private int Available => _windowEnd - _windowStart;

    private long LeftInFile => _chunkEnd - _fileOffset;

    public void Open(ColumnChunk chunk, string column)
    {
        if (chunk.Codec is not ((int)Compression.Uncompressed or (int)Compression.Snappy or (int)Compression.Gzip))
        {
            throw file.Fault(chunk.Start, $"column {column} is compressed with {CodecName(chunk.Codec)}, which this reader does not read");
        }

        (_chunk, _column) = (chunk, column);
        (_windowStart, _windowEnd) = (0, 0);
        _fileOffset = chunk.Start;
        _chunkEnd = chunk.Start + chunk.CompressedBytes;
    }

    /// <summary>Reads the next page, if the chunk has one more.</summary>
    /// <exception cref="ParquetFormatException">The page is damaged.</exception>
    public bool TryNext(out Page page)
    {
        page = default;
        if (Available == 0 && LeftInFile == 0)
        {
            return false;
        }

        var offset = Offset;
        var header = ReadHeader();
        if (header.CompressedBytes > Available + LeftInFile)
        {
            throw Fault(offset, $"a page of {header.CompressedBytes} bytes where the chunk has {Available + LeftInFile} left");
        }

        Fill(header.CompressedBytes);
        try
        {
            page = Decompress(header, offset);
        }
        catch (CorruptDataException e)
        {
            throw Fault(offset, e.Message, e);
        }

        _windowStart += header.CompressedBytes;
        return true;
    }

    /// <summary>A fault in this column, at a place in the file.</summary>
    public ParquetFormatException Fault(long offset, string what, Exception? inner = null) =>
        file.Fault(offset, $"column {_column}: {what}", inner);

    public void Dispose()
    {
        Return(ref _window);
        if (!keepPages)
        {
            Return(ref _page);
        }
    }

    private PageHeader ReadHeader()
    {
        Fill((int)Math.Min(Available + LeftInFile, 64));
        while (true)
        {
            try
            {
                var header = PageHeaderReader.Read(_window.AsSpan(_windowStart, Available), out var length);
                _windowStart += length;
                return header;
            }
            catch (CorruptDataException e) when (e.IsEnd && LeftInFile > 0 && Available < file.Options.MaxPageHeaderBytes)
            {
                // Statistics can make a header long: look again with more of it.
                Fill((int)Math.Min(Available + LeftInFile, Available * 2L));
            }
            catch (CorruptDataException e)
            {
                throw Fault(Offset + e.Position, $"in a page header: {e.Message}", e);
            }
        }
    }

    private Page Decompress(PageHeader header, long offset)
    {
        var compression = header.IsCompressed ? (Compression)_chunk!.Codec : Compression.Uncompressed;

        // Version 2 keeps levels out of the compression.
        var levels = (long)header.RepetitionBytes + header.DefinitionBytes;
        if (levels > header.CompressedBytes || levels > header.UncompressedBytes)
        {
            throw new CorruptDataException(0, $"levels of {levels} bytes in a page of {header.CompressedBytes}");
        }

        var body = header.CompressedBytes - (int)levels;
        CheckSize(header.UncompressedBytes, levels + PageDecompressor.MaxSize(compression, body), header.CompressedBytes);
        if (compression == Compression.Uncompressed && header.UncompressedBytes != header.CompressedBytes)
        {
            throw new CorruptDataException(0, $"an uncompressed page of {header.CompressedBytes} bytes claims {header.UncompressedBytes}");
        }

        if (compression == Compression.Uncompressed && !keepPages)
        {
            return new Page(header, _window, _windowStart, _windowStart + header.CompressedBytes, offset);
        }

        RentPage(header.UncompressedBytes);
        var into = _page.AsSpan(0, header.UncompressedBytes);
        _window.AsSpan(_windowStart, (int)levels).CopyTo(into);

        // A page of nothing but nulls may have no compressed body at all, not even an empty one.
        if (body > 0 || into.Length > levels)
        {
            PageDecompressor.Decompress(compression, _window, _windowStart + (int)levels, body, into[(int)levels..]);
        }

        return new Page(header, _page, 0, header.UncompressedBytes, offset);
    }

    private void CheckSize(int claimed, long possible, int compressed)
    {
        if (claimed > possible)
        {
            throw new CorruptDataException(0, $"a page of {compressed} bytes cannot decompress to {claimed}");
        }

        if (claimed > file.Options.MaxPageBytes)
        {
            throw new CorruptDataException(0, $"a page of {claimed} bytes, where {file.Options.MaxPageBytes} is the most");
        }
    }

    /// <summary>Makes at least so many bytes of the chunk available; the chunk has them.</summary>
    private void Fill(int needed)
    {
        if (Available >= needed)
        {
            return;
        }

        var target = (int)Math.Min(Available + LeftInFile, Math.Max(needed, ReadAheadBytes));
        if (_window.Length < target)
        {
            var larger = ArrayPool<byte>.Shared.Rent(target);
            _window.AsSpan(_windowStart, Available).CopyTo(larger);
            (_windowStart, _windowEnd) = (0, Available);
            Return(ref _window);
            _window = larger;
        }
        else if (_window.Length - _windowStart < target)
        {
            _window.AsSpan(_windowStart, Available).CopyTo(_window);
            (_windowStart, _windowEnd) = (0, Available);
        }

        var missing = target - Available;
        file.Read(_fileOffset, _window.AsSpan(_windowEnd, missing));
        _windowEnd += missing;
        _fileOffset += missing;
    }

    private void RentPage(int bytes)
    {
        if (keepPages)
        {
            _page = GC.AllocateUninitializedArray<byte>(bytes);
        }
        else if (_page.Length < bytes)
        {
            Return(ref _page);
            _page = ArrayPool<byte>.Shared.Rent(bytes);
        }
    }

    private static void Return(ref byte[] buffer)
    {
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = [];
        }
    }

    private static string CodecName(int codec) => codec switch
    {
        3 => "LZO",
        4 => "BROTLI",
        5 => "LZ4",
        6 => "ZSTD",
        7 => "LZ4_RAW",
        _ => $"codec {codec}",
    };
}
