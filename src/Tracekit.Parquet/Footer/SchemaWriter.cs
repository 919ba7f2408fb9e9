using Tracekit.Parquet.Thrift;

namespace Tracekit.Parquet.Footer;

/// <summary>
/// Writes the schema as the flattened tree that a footer holds, each meaning both as LogicalType and as the older ConvertedType.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/LogicalTypes.md">parquet-format, LogicalTypes</see>.
/// </summary>
internal static class SchemaWriter
{
    public static void Write(CompactWriter thrift, ParquetSchema schema)
    {
        thrift.ListField(2, CompactType.Struct, 1 + schema.Columns.Sum(column => column.IsList ? 3 : 1));
        thrift.BeginStruct();
        thrift.TextField(4, "schema");
        thrift.I32Field(5, schema.Columns.Count);
        thrift.EndStruct();
        foreach (var column in schema.Columns)
        {
            if (column.IsList)
            {
                WriteList(thrift, column);
            }
            else
            {
                WriteLeaf(thrift, column, column.Name, column.Repetition);
            }
        }
    }

    /// <summary>The names from the root to the leaf that <see cref="Write"/> gives a column.</summary>
    public static IReadOnlyList<string> LeafPath(ParquetColumn column) =>
        column.IsList ? [column.Name, "list", "element"] : [column.Name];

    private static void WriteList(CompactWriter thrift, ParquetColumn column)
    {
        thrift.BeginStruct();
        thrift.I32Field(3, (int)column.Repetition);
        thrift.TextField(4, column.Name);
        thrift.I32Field(5, 1);
        thrift.I32Field(6, (int)ConvertedType.List);
        thrift.BeginStructField(10);
        thrift.EmptyStructField(3);
        thrift.EndStruct();
        thrift.EndStruct();

        thrift.BeginStruct();
        thrift.I32Field(3, (int)Repetition.Repeated);
        thrift.TextField(4, "list");
        thrift.I32Field(5, 1);
        thrift.EndStruct();

        WriteLeaf(thrift, column, "element", column.ElementIsOptional ? Repetition.Optional : Repetition.Required);
    }

    private static void WriteLeaf(CompactWriter thrift, ParquetColumn column, string name, Repetition repetition)
    {
        thrift.BeginStruct();
        thrift.I32Field(1, (int)column.Type);
        thrift.I32Field(3, (int)repetition);
        thrift.TextField(4, name);
        if (Converted(column) is { } converted)
        {
            thrift.I32Field(6, (int)converted);
        }

        WriteLogical(thrift, column);
        thrift.EndStruct();
    }

    /// <summary>The older spelling. It knows no local times: old readers take its times for UTC, so only those are told.</summary>
    private static ConvertedType? Converted(ParquetColumn column) => column.Logical switch
    {
        LogicalKind.Text => ConvertedType.Utf8,
        LogicalKind.TimestampMillis when column.IsAdjustedToUtc => ConvertedType.TimestampMillis,
        LogicalKind.TimestampMicros when column.IsAdjustedToUtc => ConvertedType.TimestampMicros,
        _ => null,
    };

    private static void WriteLogical(CompactWriter thrift, ParquetColumn column)
    {
        if (column.Logical == LogicalKind.None)
        {
            return;
        }

        thrift.BeginStructField(10);
        if (column.Logical == LogicalKind.Text)
        {
            thrift.EmptyStructField(1);
        }
        else
        {
            thrift.BeginStructField(8);
            thrift.BoolField(1, column.IsAdjustedToUtc);
            thrift.BeginStructField(2);
            thrift.EmptyStructField(column.Logical == LogicalKind.TimestampMillis ? (short)1 : (short)2);
            thrift.EndStruct();
            thrift.EndStruct();
        }

        thrift.EndStruct();
    }
}
