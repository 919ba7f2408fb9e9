namespace Tracekit.Parquet.Tests.Hostile;

/// <summary>Reads everything that there is in a file, and keeps none of it.</summary>
internal static class WholeFile
{
    public static void Read(byte[] bytes, string? name, ParquetReaderOptions options)
    {
        using var reader = ParquetReader.Open(new MemoryStream(bytes), name, options);
        foreach (var column in reader.Schema.Columns)
        {
            Read(reader, column);
        }
    }

    private static void Read(ParquetReader reader, ParquetColumn column)
    {
        switch (column.Type)
        {
            case PhysicalType.Boolean:
                Read<bool>(reader, column);
                break;
            case PhysicalType.Int32:
                Read<int>(reader, column);
                break;
            case PhysicalType.Int64:
                Read<long>(reader, column);
                break;
            case PhysicalType.Int96:
                Read<Int96>(reader, column);
                break;
            case PhysicalType.Float:
                Read<float>(reader, column);
                break;
            case PhysicalType.Double:
                Read<double>(reader, column);
                break;
            default:
                Read<ReadOnlyMemory<byte>>(reader, column);
                break;
        }
    }

    private static void Read<T>(ParquetReader reader, ParquetColumn column)
        where T : struct
    {
        if (column.IsList)
        {
            using var lists = reader.ListColumn<T>(column.Name);
            var batch = new ListBatch<T>();
            while (lists.Read(batch, 1000) > 0)
            {
            }

            return;
        }

        using var flat = reader.Column<T>(column.Name);
        var (values, isPresent) = (new T[1000], new bool[1000]);
        while (flat.Read(values, isPresent) > 0)
        {
        }
    }
}
