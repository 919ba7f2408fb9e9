using System.Buffers;
using Tracekit.Parquet.Thrift;

namespace Tracekit.Parquet.Footer;

/// <summary>
/// Writes a file's footer: FileMetaData in Thrift's compact protocol.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift">parquet.thrift, FileMetaData</see>.
/// </summary>
internal static class FooterWriter
{
    public static void Write(
        IBufferWriter<byte> output, ParquetSchema schema, IReadOnlyList<RowGroupLayout> rowGroups, ParquetWriterOptions options)
    {
        var thrift = new CompactWriter(output);
        thrift.BeginStruct();
        thrift.I32Field(1, options.DataPageV2 ? 2 : 1);
        SchemaWriter.Write(thrift, schema);
        thrift.I64Field(3, rowGroups.Sum(group => group.RowCount));
        thrift.ListField(4, CompactType.Struct, rowGroups.Count);
        for (var i = 0; i < rowGroups.Count; i++)
        {
            WriteRowGroup(thrift, schema, rowGroups[i], i);
        }

        WriteKeyValues(thrift, options.KeyValueMetadata);
        thrift.TextField(6, options.CreatedBy);

        // Without an order readers must not trust min_value and max_value.
        thrift.ListField(7, CompactType.Struct, schema.Columns.Count);
        foreach (var _ in schema.Columns)
        {
            thrift.BeginStruct();
            thrift.EmptyStructField(1);
            thrift.EndStruct();
        }

        thrift.EndStruct();
    }

    private static void WriteKeyValues(CompactWriter thrift, IReadOnlyDictionary<string, string> pairs)
    {
        if (pairs.Count == 0)
        {
            return;
        }

        thrift.ListField(5, CompactType.Struct, pairs.Count);
        foreach (var (key, value) in pairs)
        {
            thrift.BeginStruct();
            thrift.TextField(1, key);
            thrift.TextField(2, value);
            thrift.EndStruct();
        }
    }

    private static void WriteRowGroup(CompactWriter thrift, ParquetSchema schema, RowGroupLayout group, int ordinal)
    {
        thrift.BeginStruct();
        thrift.ListField(1, CompactType.Struct, group.Chunks.Count);
        for (var i = 0; i < group.Chunks.Count; i++)
        {
            thrift.BeginStruct();
            thrift.I64Field(2, group.Chunks[i].Start);
            thrift.BeginStructField(3);
            WriteChunk(thrift, schema.Columns[i], group.Chunks[i]);
            thrift.EndStruct();
            thrift.EndStruct();
        }

        thrift.I64Field(2, group.Chunks.Sum(chunk => chunk.UncompressedBytes));
        thrift.I64Field(3, group.RowCount);
        thrift.I64Field(5, group.Chunks.Count == 0 ? 4 : group.Chunks[0].Start);
        thrift.I64Field(6, group.Chunks.Sum(chunk => chunk.CompressedBytes));

        // The format counts row groups in 16 bits; past that the field, which is optional, is left out.
        if (ordinal <= short.MaxValue)
        {
            thrift.I16Field(7, (short)ordinal);
        }

        thrift.EndStruct();
    }

    private static void WriteChunk(CompactWriter thrift, ParquetColumn column, ColumnChunk chunk)
    {
        thrift.I32Field(1, (int)chunk.Type);
        thrift.ListField(2, CompactType.I32, chunk.Encodings.Count);
        foreach (var encoding in chunk.Encodings)
        {
            thrift.I32((int)encoding);
        }

        var path = SchemaWriter.LeafPath(column);
        thrift.ListField(3, CompactType.Binary, path.Count);
        foreach (var part in path)
        {
            thrift.Text(part);
        }

        thrift.I32Field(4, chunk.Codec);
        thrift.I64Field(5, chunk.ValueCount);
        thrift.I64Field(6, chunk.UncompressedBytes);
        thrift.I64Field(7, chunk.CompressedBytes);
        thrift.I64Field(9, chunk.DataPageOffset);
        if (chunk.DictionaryPageOffset is { } dictionary)
        {
            thrift.I64Field(11, dictionary);
        }

        if (chunk.Statistics is { } statistics)
        {
            WriteStatistics(thrift, column, statistics);
        }
    }

    private static void WriteStatistics(CompactWriter thrift, ParquetColumn column, ColumnStatistics statistics)
    {
        thrift.BeginStructField(12);

        // The older pair of fields is compared as signed numbers; for bytes old readers would get it wrong.
        var signed = column.Type is not (PhysicalType.ByteArray or PhysicalType.FixedLenByteArray);
        if (signed && statistics is { Max: { } oldMax, Min: { } oldMin })
        {
            thrift.BinaryField(1, oldMax.Span);
            thrift.BinaryField(2, oldMin.Span);
        }

        if (statistics.NullCount is { } nulls)
        {
            thrift.I64Field(3, nulls);
        }

        if (statistics is { Max: { } max, Min: { } min })
        {
            thrift.BinaryField(5, max.Span);
            thrift.BinaryField(6, min.Span);
        }

        thrift.EndStruct();
    }
}
