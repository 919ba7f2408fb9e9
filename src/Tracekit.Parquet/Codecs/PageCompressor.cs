using System.IO.Compression;

namespace Tracekit.Parquet.Codecs;

/// <summary>Compresses pages, one at a time.</summary>
internal static class PageCompressor
{
    public static ReadOnlySpan<byte> Compress(Compression compression, ReadOnlySpan<byte> page) => compression switch
    {
        Compression.Uncompressed => page,
        Compression.Snappy => IronSnappy.Snappy.Encode(page),
        Compression.Gzip => Gzip(page),
        _ => throw new ArgumentOutOfRangeException(nameof(compression), compression, "no such compression"),
    };

    private static ReadOnlySpan<byte> Gzip(ReadOnlySpan<byte> page)
    {
        using var compressed = new MemoryStream(page.Length / 2);
        using (var stream = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            stream.Write(page);
        }

        return compressed.GetBuffer().AsSpan(0, (int)compressed.Length);
    }
}
