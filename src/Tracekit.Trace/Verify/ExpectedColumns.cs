using Tracekit.Parquet;

namespace Tracekit.Trace.Verify;

/// <summary>The columns of an OpenDC workload, and what older files have in their place.</summary>
internal static class ExpectedColumns
{
    /// <summary>Columns of <c>tasks.parquet</c>.</summary>
    public static IReadOnlyList<ParquetColumn> Tasks { get; } =
    [
        ParquetColumn.Int32("id"),
        ParquetColumn.Utf8("name", optional: true),
        ParquetColumn.TimestampMillisUtc("submission_time"),
        ParquetColumn.Int64("duration"),
        ParquetColumn.Int32("cpu_count"),
        ParquetColumn.Double("cpu_capacity"),
        ParquetColumn.Int64("mem_capacity"),
        ParquetColumn.Int32("gpu_count", optional: true),
        ParquetColumn.Double("gpu_capacity", optional: true),
        ParquetColumn.Int32List("parents", optional: true),
        ParquetColumn.Int32List("children", optional: true),
        ParquetColumn.Boolean("deferrable", optional: true),
        ParquetColumn.Int64("deadline", optional: true),
    ];

    /// <summary>Columns of <c>fragments.parquet</c>.</summary>
    public static IReadOnlyList<ParquetColumn> Fragments { get; } =
    [
        ParquetColumn.Int32("id"),
        ParquetColumn.Int64("duration"),
        ParquetColumn.Double("cpu_usage"),
        ParquetColumn.Double("gpu_usage", optional: true),
    ];

    /// <summary>A column in the words of the format.</summary>
    public static string Describe(ParquetColumn column)
    {
        var type = column.Type switch
        {
            PhysicalType.Boolean => "BOOLEAN",
            PhysicalType.Int32 => "INT32",
            PhysicalType.Int64 => "INT64",
            PhysicalType.Int96 => "INT96",
            PhysicalType.Float => "FLOAT",
            PhysicalType.Double => "DOUBLE",
            PhysicalType.ByteArray => "BYTE_ARRAY",
            _ => "FIXED_LEN_BYTE_ARRAY",
        };
        var meaning = column.Logical switch
        {
            LogicalKind.None => "",
            LogicalKind.Text => " (UTF8)",
            LogicalKind.TimestampMillis => column.IsAdjustedToUtc ? " TIMESTAMP(MILLIS, UTC)" : " TIMESTAMP(MILLIS)",
            LogicalKind.TimestampMicros => column.IsAdjustedToUtc ? " TIMESTAMP(MICROS, UTC)" : " TIMESTAMP(MICROS)",
            var other => $" ({other})",
        };
        var repetition = column.Repetition switch { Repetition.Required => "REQUIRED", Repetition.Optional => "OPTIONAL", _ => "REPEATED" };
        return $"{(column.IsList ? "LIST of " : "")}{type}{meaning} {repetition}";
    }
}
