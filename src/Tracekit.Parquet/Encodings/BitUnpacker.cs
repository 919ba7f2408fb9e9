using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tracekit.Parquet.Encodings;

/// <summary>
/// Unpacks numbers of some bits each that lie tightly, lowest bit first.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/Encodings.md#RLE">parquet-format, bit-packing</see>.
/// </summary>
internal static class BitUnpacker
{
    /// <summary>Unpacks numbers of 0 to 32 bits; <paramref name="bytes"/> holds them all.</summary>
    /// <param name="bytes">The packed numbers.</param>
    /// <param name="firstBit">Where in them the first lies.</param>
    /// <param name="bitWidth">Bits a number.</param>
    /// <param name="into">Is filled.</param>
    public static void Unpack(ReadOnlySpan<byte> bytes, long firstBit, int bitWidth, Span<int> into)
    {
        if (bitWidth == 0)
        {
            into.Clear();
            return;
        }

        // Each number is cut out of eight bytes: up to 7 bits before it and 32 of its own always fit.
        var loadable = ((bytes.Length - 8L) * 8) + 7 - firstBit;
        var fast = loadable < 0 ? 0 : (int)Math.Min(into.Length, (loadable / bitWidth) + 1);
        UnpackFast(bytes, firstBit, bitWidth, into[..fast]);
        if (fast < into.Length)
        {
            var tailBit = firstBit + ((long)fast * bitWidth);
            Span<byte> padded = stackalloc byte[24];
            padded.Clear();
            bytes[(int)(tailBit >> 3)..].CopyTo(padded);
            UnpackFast(padded, tailBit & 7, bitWidth, into[fast..]);
        }
    }

    /// <summary>Unpacks numbers of 0 to 64 bits; <paramref name="bytes"/> holds them all.</summary>
    /// <inheritdoc cref="Unpack(ReadOnlySpan{byte}, long, int, Span{int})"/>
    public static void Unpack(ReadOnlySpan<byte> bytes, long firstBit, int bitWidth, Span<ulong> into)
    {
        Span<byte> padded = stackalloc byte[16];
        var mask = bitWidth == 64 ? ulong.MaxValue : (1UL << bitWidth) - 1;
        for (var i = 0; i < into.Length; i++)
        {
            var bit = firstBit + ((long)i * bitWidth);
            scoped var from = bytes[(int)Math.Min(bytes.Length, bit >> 3)..];
            if (from.Length < 9)
            {
                padded.Clear();
                from.CopyTo(padded);
                from = padded;
            }

            var shift = (int)(bit & 7);
            var word = MemoryMarshal.Read<ulong>(from) >> shift;

            // A shift by 64 would be one by 0: the ninth byte goes up by 64 less the shift in two steps.
            word |= (ulong)from[8] << 1 << (63 - shift);
            into[i] = word & mask;
        }
    }

    private static void UnpackFast(ReadOnlySpan<byte> bytes, long firstBit, int bitWidth, Span<int> into)
    {
        var mask = uint.MaxValue >> (32 - bitWidth);
        ref var start = ref MemoryMarshal.GetReference(bytes);
        var bit = firstBit;
        for (var i = 0; i < into.Length; i++)
        {
            var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.AddByteOffset(ref start, (nint)(bit >> 3)));
            into[i] = (int)((uint)(word >> (int)(bit & 7)) & mask);
            bit += bitWidth;
        }
    }
}
