using System.Text;

namespace Tracekit.Parquet.Writing;

/// <summary>Which kind of column is written by what.</summary>
internal static class ColumnWriters
{
    /// <exception cref="ArgumentException">The schema has a column of a kind that is not written, or none.</exception>
    public static void Check(ParquetSchema schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (schema.Columns.Count == 0)
        {
            throw new ArgumentException("a file needs a column", nameof(schema));
        }

        foreach (var column in schema.Columns)
        {
            if (!IsWritten(column))
            {
                throw new ArgumentException($"column {column.Name}: {Describe(column)} is not written", nameof(schema));
            }
        }
    }

    /// <summary>The column in words, for errors.</summary>
    public static string Describe(ParquetColumn column)
    {
        var text = new StringBuilder(column.IsList ? "a list of " : "").Append(column.Type);
        return column.Logical == LogicalKind.None ? text.ToString() : text.Append($" ({column.Logical})").ToString();
    }

    /// <summary>The buffer of a column, and the public class that fills it.</summary>
    public static (ColumnBuffer Buffer, object Writer) Create(ParquetColumn column, int ordinal)
    {
        var shape = LeafShape.OfWritten(column, ordinal);
        return column.Type switch
        {
            PhysicalType.Boolean => Fixed<bool>(column, shape),
            PhysicalType.Int32 => Fixed<int>(column, shape),
            PhysicalType.Int64 => Fixed<long>(column, shape),
            PhysicalType.Float => Fixed<float>(column, shape),
            PhysicalType.Double => Fixed<double>(column, shape),
            _ => Bytes(column, shape),
        };
    }

    private static bool IsWritten(ParquetColumn column)
    {
        var meaning = column.Logical switch
        {
            LogicalKind.None => true,
            LogicalKind.Text => column.Type == PhysicalType.ByteArray,
            LogicalKind.TimestampMillis or LogicalKind.TimestampMicros => column.Type == PhysicalType.Int64,
            _ => false,
        };
        var type = column.Type is not (PhysicalType.Int96 or PhysicalType.FixedLenByteArray)
            && !(column.IsList && column.Type == PhysicalType.ByteArray);
        return meaning && type && column.Repetition != Repetition.Repeated;
    }

    private static (ColumnBuffer Buffer, object Writer) Fixed<T>(ParquetColumn column, LeafShape shape)
        where T : unmanaged
    {
        var store = new FixedValueStore<T>();
        var buffer = new ColumnBuffer(column, shape, store);
        return (buffer, column.IsList ? new ListColumnWriter<T>(buffer, store) : new ColumnWriter<T>(buffer, store));
    }

    private static (ColumnBuffer Buffer, object Writer) Bytes(ParquetColumn column, LeafShape shape)
    {
        var store = new BytesValueStore();
        var buffer = new ColumnBuffer(column, shape, store);
        return (buffer, new BytesColumnWriter(buffer, store));
    }
}
