namespace Tracekit.Parquet;

/// <summary>How a file is laid out. The defaults suit traces of millions of short rows.</summary>
public sealed record ParquetWriterOptions
{
    /// <summary>The compression of every page.</summary>
    public Compression Compression { get; init; } = Compression.Snappy;

    /// <summary>Rows in a row group, at most.</summary>
    public int RowGroupRows { get; init; } = 1 << 20;

    /// <summary>Bytes that a row group may take in memory before it is written, as far as whole rows allow.</summary>
    public long RowGroupBytes { get; init; } = 64 << 20;

    /// <summary>Bytes of encoded values in a page, as far as whole rows allow.</summary>
    public int PageBytes { get; init; } = 1 << 20;

    /// <summary>Levels (rows, or elements of lists) in a page, as far as whole rows allow.</summary>
    public int PageLevels { get; init; } = 1 << 18;

    /// <summary>Bytes of distinct values up to which a column chunk may be written with a dictionary; 0 for never.</summary>
    public int DictionaryBytes { get; init; } = 1 << 20;

    /// <summary>Whether to write the newer data pages (version 2). Every reader reads version 1.</summary>
    public bool DataPageV2 { get; init; }

    /// <summary>The program that writes, as the format wants it: <c>name version x.y (build z)</c>.</summary>
    public string CreatedBy { get; init; } = "tracekit-parquet version 0.1.0 (build 0)";

    /// <summary>Pairs of text that are kept with the file.</summary>
    public IReadOnlyDictionary<string, string> KeyValueMetadata { get; init; } = new Dictionary<string, string>();

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(RowGroupRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(RowGroupBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PageBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(PageLevels, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(DictionaryBytes);
        if (!Enum.IsDefined(Compression))
        {
            throw new ArgumentOutOfRangeException(nameof(Compression), Compression, "no such compression");
        }
    }
}
