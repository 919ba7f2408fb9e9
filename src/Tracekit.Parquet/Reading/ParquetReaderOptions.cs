namespace Tracekit.Parquet;

/// <summary>
/// Limits on what a file may make the reader hold. Whatever a file claims is also checked against the bytes that are there;
/// these limits bound what few bytes can stand for.
/// </summary>
public sealed record ParquetReaderOptions
{
    /// <summary>Bytes of the footer.</summary>
    public int MaxFooterBytes { get; init; } = 64 << 20;

    /// <summary>Bytes of a page header, statistics and all.</summary>
    public int MaxPageHeaderBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of a page, decompressed.</summary>
    public int MaxPageBytes { get; init; } = 256 << 20;

    /// <summary>Elements of lists in a batch; a list that alone has more is refused.</summary>
    public int MaxBatchElements { get; init; } = 1 << 26;

    /// <summary>Rows of a column that is read whole; a run in a file of 1 KB can stand for 2^31 rows.</summary>
    public int MaxWholeColumnRows { get; init; } = 1 << 26;
}
