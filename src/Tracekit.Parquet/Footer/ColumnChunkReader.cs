using Tracekit.Parquet.Thrift;

namespace Tracekit.Parquet.Footer;

/// <summary>
/// Reads what a footer says of a column chunk.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift">parquet.thrift, ColumnChunk</see>.
/// </summary>
internal static class ColumnChunkReader
{
    public static ColumnChunk Read(ref CompactReader thrift)
    {
        var start = thrift.Position;
        ColumnChunk? chunk = null;
        string? externalPath = null;
        short id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    externalPath = thrift.Text(type);
                    break;
                case 3:
                    thrift.Struct(type);
                    chunk = ReadMetadata(ref thrift);
                    break;
                default:
                    thrift.Skip(type);
                    break;
            }
        }

        return chunk is null
            ? throw new CorruptDataException(start, "a column chunk lacks its description")
            : chunk with { ExternalPath = externalPath };
    }

    private static ColumnChunk ReadMetadata(ref CompactReader thrift)
    {
        var start = thrift.Position;
        int? physical = null, codec = null;
        long? values = null, compressed = null, dataPage = null, dictionaryPage = null;
        long uncompressed = 0;
        ColumnStatistics? statistics = null;
        short id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    physical = thrift.I32(type);
                    break;
                case 4:
                    codec = thrift.I32(type);
                    break;
                case 5:
                    values = thrift.I64(type);
                    break;
                case 6:
                    uncompressed = thrift.I64(type);
                    break;
                case 7:
                    compressed = thrift.I64(type);
                    break;
                case 9:
                    dataPage = thrift.I64(type);
                    break;
                case 11:
                    dictionaryPage = thrift.I64(type);
                    break;
                case 12:
                    thrift.Struct(type);
                    statistics = ReadStatistics(ref thrift);
                    break;
                default:
                    thrift.Skip(type);
                    break;
            }
        }

        if (physical is null || codec is null || values is null || compressed is null || dataPage is null)
        {
            throw new CorruptDataException(start, "a column chunk lacks its type, codec, value count, size or place");
        }

        return new ColumnChunk
        {
            Type = (PhysicalType)physical,
            Codec = codec.Value,
            ValueCount = values.Value,
            UncompressedBytes = uncompressed,
            CompressedBytes = compressed.Value,
            DataPageOffset = dataPage.Value,
            DictionaryPageOffset = dictionaryPage,
            Statistics = statistics,
        };
    }

    private static ColumnStatistics ReadStatistics(ref CompactReader thrift)
    {
        ReadOnlyMemory<byte>? oldMax = null, oldMin = null, max = null, min = null;
        long? nulls = null;
        short id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    oldMax = thrift.Binary(type).ToArray();
                    break;
                case 2:
                    oldMin = thrift.Binary(type).ToArray();
                    break;
                case 3:
                    nulls = thrift.I64(type);
                    break;
                case 5:
                    max = thrift.Binary(type).ToArray();
                    break;
                case 6:
                    min = thrift.Binary(type).ToArray();
                    break;
                default:
                    thrift.Skip(type);
                    break;
            }
        }

        var isOld = min is null && max is null;
        return new() { NullCount = nulls, Min = isOld ? oldMin : min, Max = isOld ? oldMax : max, ComparesAsSigned = isOld };
    }
}
