namespace Tracekit.Parquet.Footer;

/// <summary>
/// What values mean, in the spelling from before logical types; the numbers are those of the format.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift">parquet.thrift, ConvertedType</see>.
/// </summary>
internal enum ConvertedType
{
    Utf8 = 0,
    Map = 1,
    MapKeyValue = 2,
    List = 3,
    Enumeration = 4,
    FixedPoint = 5,
    Date = 6,
    TimeMillis = 7,
    TimeMicros = 8,
    TimestampMillis = 9,
    TimestampMicros = 10,
    UInt8 = 11,
    UInt64 = 14,
    Int8 = 15,
    Int64 = 18,
    Json = 19,
    Bson = 20,
    Interval = 21,
}
