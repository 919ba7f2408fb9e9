namespace Tracekit.Parquet.Tests.Files;

/// <summary>What DuckDB calls the type of a column.</summary>
internal static class DuckDbType
{
    public static string Of(ParquetColumn column) => column.IsList ? $"{OfElement(column)}[]" : OfElement(column);

    private static string OfElement(ParquetColumn column) => (column.Type, column.Logical) switch
    {
        (PhysicalType.Boolean, _) => "BOOLEAN",
        (PhysicalType.Int32, LogicalKind.None) => "INTEGER",
        (PhysicalType.Int64, LogicalKind.None) => "BIGINT",
        (PhysicalType.Int64, LogicalKind.TimestampMillis or LogicalKind.TimestampMicros) when column.IsAdjustedToUtc => "TIMESTAMP WITH TIME ZONE",
        (PhysicalType.Int64, LogicalKind.TimestampMillis or LogicalKind.TimestampMicros) => "TIMESTAMP",
        (PhysicalType.Float, _) => "FLOAT",
        (PhysicalType.Double, _) => "DOUBLE",
        (PhysicalType.ByteArray, LogicalKind.Text) => "VARCHAR",
        (PhysicalType.ByteArray, LogicalKind.None) => "BLOB",
        _ => $"{column.Type} {column.Logical}",
    };
}
