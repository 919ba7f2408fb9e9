using System.Numerics;
using System.Runtime.InteropServices;

namespace Tracekit.Parquet.Writing;

/// <summary>
/// The least and greatest value of a column, as statistics hold them.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift">parquet.thrift, ColumnOrder</see>.
/// </summary>
internal static class ValueRange
{
    /// <summary>Longer byte arrays would blow up the footer for little.</summary>
    private const int MaxStatisticBytes = 256;

    public static ColumnStatistics Of<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        if (values.IsEmpty)
        {
            return new();
        }

        if (typeof(T) == typeof(int))
        {
            return OfIntegers(MemoryMarshal.Cast<T, int>(values));
        }

        if (typeof(T) == typeof(long))
        {
            return OfIntegers(MemoryMarshal.Cast<T, long>(values));
        }

        if (typeof(T) == typeof(double))
        {
            return OfFloats(MemoryMarshal.Cast<T, double>(values));
        }

        return typeof(T) == typeof(float)
            ? OfFloats(MemoryMarshal.Cast<T, float>(values))
            : OfBooleans(MemoryMarshal.Cast<T, bool>(values));
    }

    /// <summary>The least and greatest byte array, compared byte by byte without sign; nothing if one is too long to keep.</summary>
    public static ColumnStatistics OfBytes(ReadOnlySpan<byte> least, ReadOnlySpan<byte> greatest) =>
        least.Length > MaxStatisticBytes || greatest.Length > MaxStatisticBytes
            ? new()
            : new() { Min = least.ToArray(), Max = greatest.ToArray() };

    private static ColumnStatistics OfIntegers<T>(ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryInteger<T>
    {
        var (min, max) = (values[0], values[0]);
        foreach (var value in values)
        {
            min = T.Min(min, value);
            max = T.Max(max, value);
        }

        return Encode(min, max);
    }

    /// <summary>The format wants no NaN in statistics, and zeros such that either sign of zero is within them.</summary>
    private static ColumnStatistics OfFloats<T>(ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (min, max) = (T.PositiveInfinity, T.NegativeInfinity);
        var any = false;
        foreach (var value in values)
        {
            // Both comparisons are false for NaN.
            min = value < min ? value : min;
            max = value > max ? value : max;
            any |= !T.IsNaN(value);
        }

        if (!any)
        {
            return new();
        }

        return Encode(min == T.Zero ? T.NegativeZero : min, max == T.Zero ? T.Zero : max);
    }

    private static ColumnStatistics OfBooleans(ReadOnlySpan<bool> values) =>
        Encode((byte)(values.Contains(false) ? 0 : 1), (byte)(values.Contains(true) ? 1 : 0));

    private static ColumnStatistics Encode<T>(T min, T max)
        where T : unmanaged
    {
        var (low, high) = (new T[] { min }, new T[] { max });
        return new() { Min = MemoryMarshal.AsBytes<T>(low).ToArray(), Max = MemoryMarshal.AsBytes<T>(high).ToArray() };
    }
}
