namespace Tracekit.Parquet;

/// <summary>
/// How a column's values lie in the file; the numbers are those of the format.
/// Source: <see href="https://github.com/apache/parquet-format#types">parquet-format, Types</see>.
/// </summary>
public enum PhysicalType
{
    /// <summary>One bit a value; <see cref="bool"/>.</summary>
    Boolean = 0,

    /// <summary>32 bits, signed; <see cref="int"/>.</summary>
    Int32 = 1,

    /// <summary>64 bits, signed; <see cref="long"/>.</summary>
    Int64 = 2,

    /// <summary>Twelve bytes, deprecated: times of old Hive and Spark files; <see cref="Parquet.Int96"/>.</summary>
    Int96 = 3,

    /// <summary>IEEE 754, 32 bits; <see cref="float"/>.</summary>
    Float = 4,

    /// <summary>IEEE 754, 64 bits; <see cref="double"/>.</summary>
    Double = 5,

    /// <summary>Any number of bytes; <see cref="ReadOnlyMemory{T}"/> of <see cref="byte"/>.</summary>
    ByteArray = 6,

    /// <summary>The same number of bytes in every row; <see cref="ReadOnlyMemory{T}"/> of <see cref="byte"/>.</summary>
    FixedLenByteArray = 7,
}
