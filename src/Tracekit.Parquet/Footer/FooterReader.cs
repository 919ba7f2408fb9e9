using Tracekit.Parquet.Thrift;

namespace Tracekit.Parquet.Footer;

/// <summary>
/// Reads a file's footer: FileMetaData in Thrift's compact protocol. Fields it does not know are passed over.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift">parquet.thrift, FileMetaData</see>.
/// </summary>
internal static class FooterReader
{
    /// <exception cref="CorruptDataException">The bytes are not a footer.</exception>
    public static FileFooter Read(ReadOnlySpan<byte> bytes)
    {
        var thrift = new CompactReader(bytes);
        SchemaElement[]? schema = null;
        RowGroupLayout[]? rowGroups = null;
        long? rows = null;
        KeyValuePair<string, string?>[] keyValues = [];
        string? createdBy = null;
        short id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 2:
                    schema = ReadSchema(ref thrift, type);
                    break;
                case 3:
                    rows = thrift.I64(type);
                    break;
                case 4:
                    rowGroups = ReadRowGroups(ref thrift, type);
                    break;
                case 5:
                    keyValues = ReadKeyValues(ref thrift, type);
                    break;
                case 6:
                    createdBy = thrift.Text(type);
                    break;
                case 8:
                    throw new CorruptDataException(thrift.Position, "the file is encrypted, which this reader does not read");
                default:
                    thrift.Skip(type);
                    break;
            }
        }

        return schema is not null && rowGroups is not null && rows is { } count
            ? new FileFooter(schema, count, rowGroups, keyValues, createdBy)
            : throw new CorruptDataException(0, "the footer lacks a schema, row groups or a row count");
    }

    private static SchemaElement[] ReadSchema(ref CompactReader thrift, CompactType type)
    {
        var elements = new SchemaElement[thrift.List(type, CompactType.Struct)];
        for (var i = 0; i < elements.Length; i++)
        {
            elements[i] = SchemaElementReader.Read(ref thrift);
        }

        return elements;
    }

    private static RowGroupLayout[] ReadRowGroups(ref CompactReader thrift, CompactType type)
    {
        var groups = new RowGroupLayout[thrift.List(type, CompactType.Struct)];
        for (var i = 0; i < groups.Length; i++)
        {
            groups[i] = ReadRowGroup(ref thrift);
        }

        return groups;
    }

    private static RowGroupLayout ReadRowGroup(ref CompactReader thrift)
    {
        var start = thrift.Position;
        ColumnChunk[]? chunks = null;
        long? rows = null;
        short id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    chunks = new ColumnChunk[thrift.List(type, CompactType.Struct)];
                    for (var i = 0; i < chunks.Length; i++)
                    {
                        chunks[i] = ColumnChunkReader.Read(ref thrift);
                    }

                    break;
                case 3:
                    rows = thrift.I64(type);
                    break;
                default:
                    thrift.Skip(type);
                    break;
            }
        }

        return chunks is not null && rows is >= 0
            ? new RowGroupLayout(rows.Value, chunks)
            : throw new CorruptDataException(start, "a row group lacks its columns or a row count");
    }

    private static KeyValuePair<string, string?>[] ReadKeyValues(ref CompactReader thrift, CompactType type)
    {
        var pairs = new KeyValuePair<string, string?>[thrift.List(type, CompactType.Struct)];
        for (var i = 0; i < pairs.Length; i++)
        {
            pairs[i] = ReadKeyValue(ref thrift);
        }

        return pairs;
    }

    private static KeyValuePair<string, string?> ReadKeyValue(ref CompactReader thrift)
    {
        var key = "";
        string? value = null;
        short id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    key = thrift.Text(type);
                    break;
                case 2:
                    value = thrift.Text(type);
                    break;
                default:
                    thrift.Skip(type);
                    break;
            }
        }

        return new(key, value);
    }
}
