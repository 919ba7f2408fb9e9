using System.Buffers;
using System.Numerics;

namespace Tracekit.Parquet.Encodings;

/// <summary>
/// Writes small numbers as runs of one value and bit-packed groups of eight.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/Encodings.md#RLE">parquet-format, RLE / bit-packing hybrid</see>.
/// </summary>
internal static class RleHybridEncoder
{
    /// <summary>Appends all values, none of which has more than <paramref name="bitWidth"/> (0 to 32) bits.</summary>
    public static void Encode<T>(ReadOnlySpan<T> values, int bitWidth, IBufferWriter<byte> into)
        where T : unmanaged, IBinaryInteger<T>
    {
        var packedFrom = 0;
        var at = 0;
        while (at < values.Length)
        {
            var run = RunLength(values[at..]);
            if (RunPays(run, bitWidth))
            {
                WritePacked(values[packedFrom..at], bitWidth, into);
                WriteRun(values[at], run, bitWidth, into);
                at += run;
                packedFrom = at;
            }
            else
            {
                // Only whole groups of eight may stand before another run.
                at = Math.Min(values.Length, at + 8);
            }
        }

        WritePacked(values[packedFrom..], bitWidth, into);
    }

    private static int RunLength<T>(ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryInteger<T>
    {
        var run = values[1..].IndexOfAnyExcept(values[0]);
        return run < 0 ? values.Length : run + 1;
    }

    /// <summary>Whether a run is no longer than its values packed, and the header of the packed run that must follow it.</summary>
    private static bool RunPays(int run, int bitWidth) => run >= 8 && run * (long)bitWidth >= 8 * (2 + ((bitWidth + 7) / 8));

    private static void WriteRun<T>(T value, int run, int bitWidth, IBufferWriter<byte> into)
        where T : unmanaged, IBinaryInteger<T>
    {
        var span = into.GetSpan(Varint.MaxBytes + 4);
        var length = Varint.Write(span, (ulong)run << 1);
        var bits = uint.CreateTruncating(value);
        for (var i = 0; i < (bitWidth + 7) / 8; i++)
        {
            span[length++] = (byte)(bits >> (8 * i));
        }

        into.Advance(length);
    }

    private static void WritePacked<T>(ReadOnlySpan<T> values, int bitWidth, IBufferWriter<byte> into)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (values.IsEmpty)
        {
            return;
        }

        var groups = (values.Length + 7) / 8;
        var header = into.GetSpan(Varint.MaxBytes);
        into.Advance(Varint.Write(header, ((ulong)groups << 1) | 1));
        var bytes = groups * bitWidth;
        var span = into.GetSpan(bytes)[..bytes];
        span.Clear();
        BitPack(values, bitWidth, span);
        into.Advance(bytes);
    }

    /// <summary>Packs values tightly, lowest bit first; <paramref name="into"/> is large enough, and zero.</summary>
    private static void BitPack<T>(ReadOnlySpan<T> values, int bitWidth, Span<byte> into)
        where T : unmanaged, IBinaryInteger<T>
    {
        ulong pending = 0;
        var pendingBits = 0;
        var at = 0;
        foreach (var value in values)
        {
            pending |= (ulong)uint.CreateTruncating(value) << pendingBits;
            pendingBits += bitWidth;
            while (pendingBits >= 8)
            {
                into[at++] = (byte)pending;
                pending >>= 8;
                pendingBits -= 8;
            }
        }

        if (pendingBits > 0)
        {
            into[at] = (byte)pending;
        }
    }
}
