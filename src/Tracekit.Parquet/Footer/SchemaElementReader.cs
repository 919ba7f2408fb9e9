using Tracekit.Parquet.Thrift;

namespace Tracekit.Parquet.Footer;

/// <summary>
/// Reads one node of the schema tree, with its meaning in either spelling; where both are there the newer one holds.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/LogicalTypes.md">parquet-format, LogicalTypes</see>.
/// </summary>
internal static class SchemaElementReader
{
    public static SchemaElement Read(ref CompactReader thrift)
    {
        var element = new SchemaElement();
        var hasLogical = false;
        short id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            switch (id)
            {
                case 1:
                    element.Type = Known((PhysicalType)thrift.I32(type), "type", thrift.Position);
                    break;
                case 2:
                    element.TypeLength = thrift.I32(type);
                    break;
                case 3:
                    element.Repetition = Known((Repetition)thrift.I32(type), "repetition", thrift.Position);
                    break;
                case 4:
                    element.Name = thrift.Text(type);
                    break;
                case 5:
                    element.Children = thrift.I32(type);
                    break;
                case 6:
                    element.Converted = (ConvertedType)thrift.I32(type);
                    break;
                case 10:
                    thrift.Struct(type);
                    hasLogical = true;
                    ReadLogical(ref thrift, element);
                    break;
                default:
                    thrift.Skip(type);
                    break;
            }
        }

        if (!hasLogical && element.Converted is { } converted)
        {
            ApplyConverted(element, converted);
        }

        return element;
    }

    private static TEnum Known<TEnum>(TEnum value, string what, int position)
        where TEnum : struct, Enum =>
        Enum.IsDefined(value) ? value : throw new CorruptDataException(position, $"a column has the unknown {what} {value}");

    private static void ApplyConverted(SchemaElement element, ConvertedType converted)
    {
        element.IsList = converted == ConvertedType.List;
        element.Logical = converted switch
        {
            ConvertedType.List or ConvertedType.Map or ConvertedType.MapKeyValue => LogicalKind.None,
            ConvertedType.Utf8 => LogicalKind.Text,
            ConvertedType.Enumeration => LogicalKind.Enumeration,
            ConvertedType.FixedPoint => LogicalKind.FixedPoint,
            ConvertedType.Date => LogicalKind.Date,
            ConvertedType.TimeMillis => LogicalKind.TimeMillis,
            ConvertedType.TimeMicros => LogicalKind.TimeMicros,
            ConvertedType.TimestampMillis => LogicalKind.TimestampMillis,
            ConvertedType.TimestampMicros => LogicalKind.TimestampMicros,
            >= ConvertedType.UInt8 and <= ConvertedType.UInt64 => LogicalKind.UnsignedInteger,
            >= ConvertedType.Int8 and <= ConvertedType.Int64 => LogicalKind.SignedInteger,
            ConvertedType.Json => LogicalKind.Json,
            ConvertedType.Bson => LogicalKind.Bson,
            ConvertedType.Interval => LogicalKind.Interval,
            _ => LogicalKind.Other,
        };

        // The older spelling has only times in UTC.
        element.IsAdjustedToUtc = converted is >= ConvertedType.TimeMillis and <= ConvertedType.TimestampMicros;
    }

    /// <summary>Reads the union LogicalType: one field, whose number is the meaning.</summary>
    private static void ReadLogical(ref CompactReader thrift, SchemaElement element)
    {
        short id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            element.IsList |= id == 3;
            element.Logical = id switch
            {
                1 => LogicalKind.Text,
                2 or 3 => LogicalKind.None,
                4 => LogicalKind.Enumeration,
                5 => LogicalKind.FixedPoint,
                6 => LogicalKind.Date,
                12 => LogicalKind.Json,
                13 => LogicalKind.Bson,
                14 => LogicalKind.Uuid,
                15 => LogicalKind.HalfFloat,
                _ => LogicalKind.Other,
            };
            if (id is 7 or 8)
            {
                thrift.Struct(type);
                ReadTime(ref thrift, element, isTimestamp: id == 8);
            }
            else if (id == 10)
            {
                thrift.Struct(type);
                ReadInteger(ref thrift, element);
            }
            else
            {
                thrift.Skip(type);
            }
        }
    }

    private static void ReadTime(ref CompactReader thrift, SchemaElement element, bool isTimestamp)
    {
        short id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            if (id == 1)
            {
                element.IsAdjustedToUtc = thrift.Bool(type);
            }
            else if (id == 2)
            {
                thrift.Struct(type);
                element.Logical = ReadTimeUnit(ref thrift, isTimestamp);
            }
            else
            {
                thrift.Skip(type);
            }
        }
    }

    private static LogicalKind ReadTimeUnit(ref CompactReader thrift, bool isTimestamp)
    {
        var unit = LogicalKind.Other;
        short id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            unit = id switch
            {
                1 => isTimestamp ? LogicalKind.TimestampMillis : LogicalKind.TimeMillis,
                2 => isTimestamp ? LogicalKind.TimestampMicros : LogicalKind.TimeMicros,
                3 => isTimestamp ? LogicalKind.TimestampNanos : LogicalKind.TimeNanos,
                _ => LogicalKind.Other,
            };
            thrift.Skip(type);
        }

        return unit;
    }

    private static void ReadInteger(ref CompactReader thrift, SchemaElement element)
    {
        short id = 0;
        while (thrift.NextField(ref id, out var type))
        {
            if (id == 2)
            {
                element.Logical = thrift.Bool(type) ? LogicalKind.SignedInteger : LogicalKind.UnsignedInteger;
            }
            else
            {
                thrift.Skip(type);
            }
        }
    }
}
