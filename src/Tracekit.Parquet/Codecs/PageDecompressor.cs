using System.IO.Compression;

namespace Tracekit.Parquet.Codecs;

/// <summary>Decompresses pages into buffers whose size is known, and checked, before.</summary>
internal static class PageDecompressor
{
    /// <summary>DEFLATE makes at most 258 bytes of two bits.</summary>
    private const int MaxGzipExpansion = 1032;

    /// <summary>The most that so many bytes can decompress to: a page that claims more is a bomb or damaged, and gets no buffer.</summary>
    public static long MaxSize(Compression compression, int compressedBytes) => compression switch
    {
        Compression.Snappy => ((long)compressedBytes * SnappyDecoder.MaxExpansion) + 1,
        Compression.Gzip => ((long)compressedBytes * MaxGzipExpansion) + 1,
        _ => compressedBytes,
    };

    /// <param name="compression">How the page is compressed.</param>
    /// <param name="buffer">Holds the compressed page.</param>
    /// <param name="start">Where it starts.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="into">Is filled exactly.</param>
    /// <exception cref="CorruptDataException">The data is damaged, or of another size than <paramref name="into"/>.</exception>
    public static void Decompress(Compression compression, byte[] buffer, int start, int length, Span<byte> into)
    {
        switch (compression)
        {
            case Compression.Snappy:
                SnappyDecoder.Decode(buffer.AsSpan(start, length), into);
                break;
            case Compression.Gzip:
                Gunzip(buffer, start, length, into);
                break;
            default:
                if (length != into.Length)
                {
                    throw new CorruptDataException(0, $"an uncompressed page of {length} bytes claims {into.Length}");
                }

                buffer.AsSpan(start, length).CopyTo(into);
                break;
        }
    }

    private static void Gunzip(byte[] buffer, int start, int length, Span<byte> into)
    {
        try
        {
            using var compressed = new MemoryStream(buffer, start, length, writable: false);
            using var stream = new GZipStream(compressed, CompressionMode.Decompress);
            var filled = stream.ReadAtLeast(into, into.Length, throwOnEndOfStream: false);
            if (filled != into.Length)
            {
                throw CorruptDataException.EndsEarly(length, $"GZIP data, after {filled} of {into.Length} bytes");
            }

            if (stream.ReadByte() >= 0)
            {
                throw new CorruptDataException(0, $"GZIP data is longer than the {into.Length} bytes that are due");
            }
        }
        catch (InvalidDataException e)
        {
            throw new CorruptDataException(0, $"GZIP data is damaged: {e.Message}");
        }
    }
}
