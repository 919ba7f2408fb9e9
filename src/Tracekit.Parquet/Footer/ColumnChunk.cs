using Tracekit.Parquet.Encodings;

namespace Tracekit.Parquet.Footer;

/// <summary>
/// Where one column of one row group lies.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift">parquet.thrift, ColumnMetaData</see>.
/// </summary>
internal sealed record ColumnChunk
{
    public required PhysicalType Type { get; init; }

    /// <summary>The codec's number in the format; files may use one that <see cref="Parquet.Compression"/> has not.</summary>
    public required int Codec { get; init; }

    /// <summary>Values and nulls; in a list, elements and a place for each list without any.</summary>
    public required long ValueCount { get; init; }

    /// <summary>Bytes of all pages and their headers, before compression.</summary>
    public long UncompressedBytes { get; init; }

    /// <summary>Bytes of all pages and their headers, as they lie in the file.</summary>
    public required long CompressedBytes { get; init; }

    public required long DataPageOffset { get; init; }

    /// <summary>Null if there is no dictionary page, or an old writer did not say.</summary>
    public long? DictionaryPageOffset { get; init; }

    public ColumnStatistics? Statistics { get; init; }

    /// <summary>The encodings used; only what we write fills it, as each page says its own.</summary>
    public IReadOnlyList<ParquetEncoding> Encodings { get; init; } = [];

    /// <summary>Another file that holds the chunk: allowed by the format, and used by none we know.</summary>
    public string? ExternalPath { get; init; }

    /// <summary>Where the first page starts.</summary>
    public long Start =>
        DictionaryPageOffset is { } dictionary && dictionary > 0 && dictionary < DataPageOffset ? dictionary : DataPageOffset;
}
