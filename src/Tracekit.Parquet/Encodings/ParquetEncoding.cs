namespace Tracekit.Parquet.Encodings;

/// <summary>
/// The encodings of values and levels; the numbers are those of the format.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/Encodings.md">parquet-format, Encodings</see>.
/// </summary>
internal enum ParquetEncoding
{
    Plain = 0,
    PlainDictionary = 2,
    Rle = 3,
    BitPacked = 4,
    DeltaBinaryPacked = 5,
    DeltaLengthByteArray = 6,
    DeltaByteArray = 7,
    RleDictionary = 8,
    ByteStreamSplit = 9,
}
