namespace Tracekit.Parquet;

/// <summary>
/// A column as a reader sees it: one leaf of the schema. A LIST of a primitive is one column, whatever groups spell it in the file.
/// </summary>
public sealed record ParquetColumn
{
    /// <summary>What one calls the column: its path in the schema joined by dots; for a list, the path of the list.</summary>
    public required string Name { get; init; }

    /// <summary>How values (of a list: its elements) lie in the file.</summary>
    public required PhysicalType Type { get; init; }

    /// <summary>What values (of a list: its elements) mean.</summary>
    public LogicalKind Logical { get; init; }

    /// <summary>For times: whether they count from an instant in UTC, rather than on some local clock.</summary>
    public bool IsAdjustedToUtc { get; init; }

    /// <summary>Whether a row may lack a value (of a list: may lack the list).</summary>
    public Repetition Repetition { get; init; }

    /// <summary>Whether a row holds a list of values.</summary>
    public bool IsList { get; init; }

    /// <summary>For a list: whether single elements may be null.</summary>
    public bool ElementIsOptional { get; init; }

    /// <summary>For <see cref="PhysicalType.FixedLenByteArray"/>: bytes a value; otherwise 0.</summary>
    public int TypeLength { get; init; }

    /// <summary>Where the column stands in a file's levels and paths; null in a column that was made, not read.</summary>
    internal LeafShape? Shape { get; init; }

    /// <summary>Whether a row may be null.</summary>
    public bool IsOptional => Repetition == Repetition.Optional;

    /// <summary>A column of INT32.</summary>
    public static ParquetColumn Int32(string name, bool optional = false) => Flat(name, PhysicalType.Int32, optional);

    /// <summary>A column of INT64.</summary>
    public static ParquetColumn Int64(string name, bool optional = false) => Flat(name, PhysicalType.Int64, optional);

    /// <summary>A column of FLOAT.</summary>
    public static ParquetColumn Single(string name, bool optional = false) => Flat(name, PhysicalType.Float, optional);

    /// <summary>A column of DOUBLE.</summary>
    public static ParquetColumn Double(string name, bool optional = false) => Flat(name, PhysicalType.Double, optional);

    /// <summary>A column of BOOLEAN.</summary>
    public static ParquetColumn Boolean(string name, bool optional = false) => Flat(name, PhysicalType.Boolean, optional);

    /// <summary>A column of BYTE_ARRAY with no meaning given.</summary>
    public static ParquetColumn Binary(string name, bool optional = false) => Flat(name, PhysicalType.ByteArray, optional);

    /// <summary>A column of text: BYTE_ARRAY, STRING.</summary>
    public static ParquetColumn Utf8(string name, bool optional = false) =>
        Flat(name, PhysicalType.ByteArray, optional) with { Logical = LogicalKind.Text };

    /// <summary>A column of instants in milliseconds since the Unix epoch: INT64, TIMESTAMP(MILLIS, UTC).</summary>
    public static ParquetColumn TimestampMillisUtc(string name, bool optional = false) =>
        Flat(name, PhysicalType.Int64, optional) with { Logical = LogicalKind.TimestampMillis, IsAdjustedToUtc = true };

    /// <summary>A column of instants in microseconds since the Unix epoch: INT64, TIMESTAMP(MICROS, UTC).</summary>
    public static ParquetColumn TimestampMicrosUtc(string name, bool optional = false) =>
        Flat(name, PhysicalType.Int64, optional) with { Logical = LogicalKind.TimestampMicros, IsAdjustedToUtc = true };

    /// <summary>A column of lists of INT32.</summary>
    /// <param name="name">Name of the list.</param>
    /// <param name="optional">Whether the list may be null.</param>
    /// <param name="elementOptional">Whether an element may be null; true, as most writers have it, suits readers with a fixed schema.</param>
    public static ParquetColumn Int32List(string name, bool optional = false, bool elementOptional = true) =>
        List(Flat(name, PhysicalType.Int32, optional), elementOptional);

    /// <summary>A column of lists of INT64; parameters as in <see cref="Int32List"/>.</summary>
    public static ParquetColumn Int64List(string name, bool optional = false, bool elementOptional = true) =>
        List(Flat(name, PhysicalType.Int64, optional), elementOptional);

    /// <summary>A column of lists of DOUBLE; parameters as in <see cref="Int32List"/>.</summary>
    public static ParquetColumn DoubleList(string name, bool optional = false, bool elementOptional = true) =>
        List(Flat(name, PhysicalType.Double, optional), elementOptional);

    private static ParquetColumn Flat(string name, PhysicalType type, bool optional)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new() { Name = name, Type = type, Repetition = optional ? Repetition.Optional : Repetition.Required };
    }

    private static ParquetColumn List(ParquetColumn column, bool elementOptional) =>
        column with { IsList = true, ElementIsOptional = elementOptional };
}
