namespace Tracekit.Parquet.Encodings;

/// <summary>
/// Unsigned LEB128 numbers, seven bits a byte, lowest first; and the zigzag that makes small negative numbers small.
/// Source: <see href="https://en.wikipedia.org/wiki/LEB128">LEB128</see>.
/// </summary>
internal static class Varint
{
    /// <summary>The most bytes that 64 bits take.</summary>
    public const int MaxBytes = 10;

    /// <summary>Writes at most <see cref="MaxBytes"/> bytes; gives how many.</summary>
    public static int Write(Span<byte> into, ulong value)
    {
        var length = 0;
        while (value >= 0x80)
        {
            into[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        into[length++] = (byte)value;
        return length;
    }

    /// <summary>Reads a number at <paramref name="position"/> and moves past it.</summary>
    /// <exception cref="CorruptDataException">The bytes end within the number, or it has more than 64 bits.</exception>
    public static ulong Read(ReadOnlySpan<byte> from, ref int position)
    {
        ulong value = 0;
        var start = position;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if ((uint)position >= (uint)from.Length)
            {
                throw CorruptDataException.EndsEarly(start, "a variable-length number");
            }

            var next = from[position++];
            if (shift == 63 && next > 1)
            {
                break;
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new CorruptDataException(start, "a variable-length number has more than 64 bits");
    }

    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
