namespace Tracekit.Parquet;

/// <summary>
/// What a column's values mean, beyond how they lie in the file.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/LogicalTypes.md">parquet-format, LogicalTypes</see>.
/// </summary>
public enum LogicalKind
{
    /// <summary>Nothing beyond the physical type.</summary>
    None,

    /// <summary>UTF-8 text.</summary>
    Text,

    /// <summary>Milliseconds since 1970-01-01T00:00:00.</summary>
    TimestampMillis,

    /// <summary>Microseconds since 1970-01-01T00:00:00.</summary>
    TimestampMicros,

    /// <summary>Nanoseconds since 1970-01-01T00:00:00.</summary>
    TimestampNanos,

    /// <summary>Days since 1970-01-01.</summary>
    Date,

    /// <summary>Milliseconds since midnight.</summary>
    TimeMillis,

    /// <summary>Microseconds since midnight.</summary>
    TimeMicros,

    /// <summary>Nanoseconds since midnight.</summary>
    TimeNanos,

    /// <summary>A signed integer narrower than its physical type, or as wide.</summary>
    SignedInteger,

    /// <summary>An unsigned integer; its bits are in the signed physical type.</summary>
    UnsignedInteger,

    /// <summary>An unscaled decimal number.</summary>
    FixedPoint,

    /// <summary>UTF-8 text, one of a few.</summary>
    Enumeration,

    /// <summary>JSON text.</summary>
    Json,

    /// <summary>A BSON document.</summary>
    Bson,

    /// <summary>Sixteen bytes of UUID, big-endian.</summary>
    Uuid,

    /// <summary>IEEE 754, 16 bits.</summary>
    HalfFloat,

    /// <summary>Twelve bytes: months, days, milliseconds.</summary>
    Interval,

    /// <summary>A kind that this reader does not know; the values are readable by their physical type.</summary>
    Other,
}
