using Tracekit.Parquet.Encodings;
using Tracekit.Parquet.Thrift;

namespace Tracekit.Parquet.Footer;

/// <summary>
/// Reads the Thrift header that stands before each page.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift">parquet.thrift, PageHeader</see>.
/// </summary>
internal static class PageHeaderReader
{
    /// <param name="bytes">Bytes from the header's start on.</param>
    /// <param name="length">How many the header took.</param>
    /// <exception cref="CorruptDataException">The bytes are no header, or end within it.</exception>
    public static PageHeader Read(ReadOnlySpan<byte> bytes, out int length)
    {
        var thrift = new CompactReader(bytes);
        var header = new PageHeader { IsCompressed = true };
        int? pageType = null, uncompressed = null, compressed = null;
        PageType? described = null;
        short id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    pageType = thrift.I32(type);
                    break;
                case 2:
                    uncompressed = thrift.I32(type);
                    break;
                case 3:
                    compressed = thrift.I32(type);
                    break;
                case 5:
                    thrift.Struct(type);
                    (header, described) = (ReadData(ref thrift, header), PageType.Data);
                    break;
                case 7:
                    thrift.Struct(type);
                    (header, described) = (ReadDictionary(ref thrift, header), PageType.Dictionary);
                    break;
                case 8:
                    thrift.Struct(type);
                    (header, described) = (ReadDataV2(ref thrift, header), PageType.DataV2);
                    break;
                default:
                    thrift.Skip(type);
                    break;
            }
        }

        length = thrift.Position;
        if (pageType is null || uncompressed is not >= 0 || compressed is not >= 0)
        {
            throw new CorruptDataException(0, "a page header lacks the page's type or sizes");
        }

        if (pageType is (int)PageType.Data or (int)PageType.Dictionary or (int)PageType.DataV2 && (int?)described != pageType)
        {
            throw new CorruptDataException(0, "a page header does not describe its kind of page");
        }

        if (header is { Values: < 0 } or { DefinitionBytes: < 0 } or { RepetitionBytes: < 0 })
        {
            throw new CorruptDataException(0, "a page header has a negative count");
        }

        return header with { Type = (PageType)pageType, UncompressedBytes = uncompressed.Value, CompressedBytes = compressed.Value };
    }

    private static PageHeader ReadData(ref CompactReader thrift, PageHeader header)
    {
        short id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    header = header with { Values = thrift.I32(type) };
                    break;
                case 2:
                    header = header with { Encoding = (ParquetEncoding)thrift.I32(type) };
                    break;
                case 3:
                    header = header with { DefinitionEncoding = (ParquetEncoding)thrift.I32(type) };
                    break;
                case 4:
                    header = header with { RepetitionEncoding = (ParquetEncoding)thrift.I32(type) };
                    break;
                default:
                    thrift.Skip(type);
                    break;
            }
        }

        return header;
    }

    private static PageHeader ReadDictionary(ref CompactReader thrift, PageHeader header)
    {
        short id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    header = header with { Values = thrift.I32(type) };
                    break;
                case 2:
                    header = header with { Encoding = (ParquetEncoding)thrift.I32(type) };
                    break;
                default:
                    thrift.Skip(type);
                    break;
            }
        }

        return header;
    }

    private static PageHeader ReadDataV2(ref CompactReader thrift, PageHeader header)
    {
        short id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    header = header with { Values = thrift.I32(type) };
                    break;
                case 4:
                    header = header with { Encoding = (ParquetEncoding)thrift.I32(type) };
                    break;
                case 5:
                    header = header with { DefinitionBytes = thrift.I32(type) };
                    break;
                case 6:
                    header = header with { RepetitionBytes = thrift.I32(type) };
                    break;
                case 7:
                    header = header with { IsCompressed = thrift.Bool(type) };
                    break;
                default:
                    thrift.Skip(type);
                    break;
            }
        }

        return header;
    }
}
