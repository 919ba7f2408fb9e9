using Tracekit.Parquet.Encodings;

namespace Tracekit.Parquet.Reading;

/// <summary>Which C# type reads which column, and which decoder reads which encoding of it.</summary>
internal static class ValueDecoders
{
    public static bool Reads<T>(PhysicalType type) => type switch
    {
        PhysicalType.Boolean => typeof(T) == typeof(bool),
        PhysicalType.Int32 => typeof(T) == typeof(int),
        PhysicalType.Int64 => typeof(T) == typeof(long),
        PhysicalType.Int96 => typeof(T) == typeof(Int96),
        PhysicalType.Float => typeof(T) == typeof(float),
        PhysicalType.Double => typeof(T) == typeof(double),
        _ => typeof(T) == typeof(ReadOnlyMemory<byte>),
    };

    /// <summary>The decoder of PLAIN values, which is also that of dictionaries.</summary>
    public static IValueDecoder<T> Plain<T>(ParquetColumn column) => (IValueDecoder<T>)(column.Type switch
    {
        PhysicalType.Boolean => new PlainBooleanDecoder(),
        PhysicalType.Int32 => new PlainDecoder<int>(),
        PhysicalType.Int64 => new PlainDecoder<long>(),
        PhysicalType.Int96 => new PlainDecoder<Int96>(),
        PhysicalType.Float => new PlainDecoder<float>(),
        PhysicalType.Double => new PlainDecoder<double>(),
        PhysicalType.ByteArray => new PlainBytesDecoder(),
        _ => (object)new PlainFixedBytesDecoder(column.TypeLength),
    });

    /// <summary>The decoder of another encoding that needs no dictionary, or null if this reader has none for the type.</summary>
    public static IValueDecoder<T>? Other<T>(ParquetEncoding encoding, PhysicalType type) => (IValueDecoder<T>?)((encoding, type) switch
    {
        (ParquetEncoding.Rle, PhysicalType.Boolean) => new RleBooleanDecoder(),
        (ParquetEncoding.DeltaBinaryPacked, PhysicalType.Int32) => new DeltaBinaryPackedDecoder<int>(),
        (ParquetEncoding.DeltaBinaryPacked, PhysicalType.Int64) => (object)new DeltaBinaryPackedDecoder<long>(),
        _ => null,
    });

    /// <summary>The least bytes that a value takes, PLAIN encoded: bounds how many a dictionary page can hold.</summary>
    public static int MinPlainBytes(ParquetColumn column) => column.Type switch
    {
        PhysicalType.Int64 or PhysicalType.Double => 8,
        PhysicalType.Int96 => 12,
        PhysicalType.FixedLenByteArray => column.TypeLength,
        _ => 4,
    };

    public static string Name(ParquetEncoding encoding) => encoding switch
    {
        ParquetEncoding.Plain => "PLAIN",
        ParquetEncoding.PlainDictionary => "PLAIN_DICTIONARY",
        ParquetEncoding.Rle => "RLE",
        ParquetEncoding.BitPacked => "BIT_PACKED",
        ParquetEncoding.DeltaBinaryPacked => "DELTA_BINARY_PACKED",
        ParquetEncoding.DeltaLengthByteArray => "DELTA_LENGTH_BYTE_ARRAY",
        ParquetEncoding.DeltaByteArray => "DELTA_BYTE_ARRAY",
        ParquetEncoding.RleDictionary => "RLE_DICTIONARY",
        ParquetEncoding.ByteStreamSplit => "BYTE_STREAM_SPLIT",
        _ => $"number {(int)encoding}",
    };
}
