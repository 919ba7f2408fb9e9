namespace Tracekit.Parquet.Footer;

/// <summary>
/// What a page holds; the numbers are those of the format.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift">parquet.thrift, PageType</see>.
/// </summary>
internal enum PageType
{
    Data = 0,
    Index = 1,
    Dictionary = 2,
    DataV2 = 3,
}
