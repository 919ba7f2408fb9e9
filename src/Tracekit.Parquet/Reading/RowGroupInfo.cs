namespace Tracekit.Parquet;

/// <summary>What the footer says of a row group.</summary>
/// <param name="RowCount">Its rows.</param>
/// <param name="Statistics">For each column in the schema's order, what the file says of its values; null if it says nothing.</param>
public sealed record RowGroupInfo(long RowCount, IReadOnlyList<ColumnStatistics?> Statistics);
