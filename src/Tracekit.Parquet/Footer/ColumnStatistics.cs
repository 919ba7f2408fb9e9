using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tracekit.Parquet;

/// <summary>
/// What a file says of the values of one column in one row group. A file may leave out any of it.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift">parquet.thrift, Statistics</see>.
/// </summary>
public sealed record ColumnStatistics
{
    /// <summary>How many values are null.</summary>
    public long? NullCount { get; init; }

    /// <summary>The least value, PLAIN encoded (byte arrays without their length); null if not said.</summary>
    public ReadOnlyMemory<byte>? Min { get; init; }

    /// <summary>The greatest value, PLAIN encoded (byte arrays without their length); null if not said.</summary>
    public ReadOnlyMemory<byte>? Max { get; init; }

    /// <summary>Whether the range is from the older pair of fields, whose writers compared everything as signed.</summary>
    internal bool ComparesAsSigned { get; init; }

    /// <summary>The least and greatest value of a column of numbers or booleans.</summary>
    /// <typeparam name="T">
    /// The type of the column: <see cref="int"/>, <see cref="long"/>, <see cref="float"/>, <see cref="double"/> or <see cref="bool"/>.
    /// </typeparam>
    /// <returns>False if the file does not say, or says it in another size.</returns>
    public bool TryGetRange<T>(out T min, out T max)
        where T : unmanaged
    {
        min = max = default;
        if (Min is not { } low || Max is not { } high || low.Length != Unsafe.SizeOf<T>() || high.Length != Unsafe.SizeOf<T>())
        {
            return false;
        }

        if (typeof(T) == typeof(bool))
        {
            // A byte other than 0 and 1 is no bool that C# knows.
            min = (T)(object)(low.Span[0] != 0);
            max = (T)(object)(high.Span[0] != 0);
            return true;
        }

        min = MemoryMarshal.Read<T>(low.Span);
        max = MemoryMarshal.Read<T>(high.Span);
        return true;
    }
}
