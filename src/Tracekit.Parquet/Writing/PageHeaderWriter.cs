using System.Buffers;
using Tracekit.Parquet.Encodings;
using Tracekit.Parquet.Footer;
using Tracekit.Parquet.Thrift;

namespace Tracekit.Parquet.Writing;

/// <summary>
/// Writes the Thrift header that stands before each page.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift">parquet.thrift, PageHeader</see>.
/// </summary>
internal static class PageHeaderWriter
{
    public static void WriteDictionary(IBufferWriter<byte> into, int uncompressedBytes, int compressedBytes, int entries)
    {
        var thrift = Begin(into, PageType.Dictionary, uncompressedBytes, compressedBytes);
        thrift.BeginStructField(7);
        thrift.I32Field(1, entries);
        thrift.I32Field(2, (int)ParquetEncoding.Plain);
        thrift.EndStruct();
        thrift.EndStruct();
    }

    public static void WriteData(
        IBufferWriter<byte> into, int uncompressedBytes, int compressedBytes, int levels, ParquetEncoding encoding)
    {
        var thrift = Begin(into, PageType.Data, uncompressedBytes, compressedBytes);
        thrift.BeginStructField(5);
        thrift.I32Field(1, levels);
        thrift.I32Field(2, (int)encoding);
        thrift.I32Field(3, (int)ParquetEncoding.Rle);
        thrift.I32Field(4, (int)ParquetEncoding.Rle);
        thrift.EndStruct();
        thrift.EndStruct();
    }

    public static void WriteDataV2(
        IBufferWriter<byte> into,
        int uncompressedBytes,
        int compressedBytes,
        PageRange page,
        ParquetEncoding encoding,
        int definitionBytes,
        int repetitionBytes,
        bool isCompressed)
    {
        var thrift = Begin(into, PageType.DataV2, uncompressedBytes, compressedBytes);
        thrift.BeginStructField(8);
        thrift.I32Field(1, page.Levels);
        thrift.I32Field(2, page.Nulls);
        thrift.I32Field(3, page.Rows);
        thrift.I32Field(4, (int)encoding);
        thrift.I32Field(5, definitionBytes);
        thrift.I32Field(6, repetitionBytes);
        thrift.BoolField(7, isCompressed);
        thrift.EndStruct();
        thrift.EndStruct();
    }

    private static CompactWriter Begin(IBufferWriter<byte> into, PageType type, int uncompressedBytes, int compressedBytes)
    {
        var thrift = new CompactWriter(into);
        thrift.BeginStruct();
        thrift.I32Field(1, (int)type);
        thrift.I32Field(2, uncompressedBytes);
        thrift.I32Field(3, compressedBytes);
        return thrift;
    }
}
