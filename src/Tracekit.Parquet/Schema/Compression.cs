namespace Tracekit.Parquet;

/// <summary>
/// How the pages of a column are compressed; the numbers are those of the format.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/Compression.md">parquet-format, Compression</see>.
/// </summary>
public enum Compression
{
    /// <summary>Not at all.</summary>
    Uncompressed = 0,

    /// <summary>Snappy, the raw format without frames: fast, and what most writers use.</summary>
    Snappy = 1,

    /// <summary>GZIP (RFC 1952): smaller, slower.</summary>
    Gzip = 2,
}
