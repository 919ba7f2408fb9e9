using Tracekit.Parquet.Encodings;

namespace Tracekit.Parquet.Footer;

/// <summary>What stands before a page. Fields that a kind of page has not are 0.</summary>
internal readonly record struct PageHeader
{
    public PageType Type { get; init; }

    /// <summary>Bytes of the page once decompressed, levels and all.</summary>
    public int UncompressedBytes { get; init; }

    /// <summary>Bytes of the page in the file, without this header.</summary>
    public int CompressedBytes { get; init; }

    /// <summary>Levels of a data page, nulls and empty lists among them; entries of a dictionary page.</summary>
    public int Values { get; init; }

    public ParquetEncoding Encoding { get; init; }

    /// <summary>Version 1 only; version 2 has no choice.</summary>
    public ParquetEncoding DefinitionEncoding { get; init; }

    /// <summary>Version 1 only; version 2 has no choice.</summary>
    public ParquetEncoding RepetitionEncoding { get; init; }

    /// <summary>Version 2 only.</summary>
    public int DefinitionBytes { get; init; }

    /// <summary>Version 2 only.</summary>
    public int RepetitionBytes { get; init; }

    /// <summary>Version 2 may leave a page as it is where compression does not pay.</summary>
    public bool IsCompressed { get; init; }
}
