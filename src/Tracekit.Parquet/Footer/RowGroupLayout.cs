namespace Tracekit.Parquet.Footer;

/// <summary>One row group as the footer has it.</summary>
internal sealed record RowGroupLayout(long RowCount, IReadOnlyList<ColumnChunk> Chunks);
