using System.Buffers.Binary;
using Tracekit.Parquet.Encodings;

namespace Tracekit.Parquet.Codecs;

/// <summary>
/// Decompresses raw Snappy into a buffer that the caller owns. Ours, as the library's allocates
/// an array a page, of whatever size the data claims.
/// Source: <see href="https://github.com/google/snappy/blob/main/format_description.txt">Snappy format description</see>.
/// </summary>
internal static class SnappyDecoder
{
    /// <summary>A copy of 64 bytes takes three bytes: no Snappy data grows by more.</summary>
    public const int MaxExpansion = 22;

    /// <exception cref="CorruptDataException">The data is not Snappy, or does not fill <paramref name="into"/> exactly.</exception>
    public static void Decode(ReadOnlySpan<byte> from, Span<byte> into)
    {
        var at = 0;
        var length = Varint.Read(from, ref at);
        if (length != (ulong)into.Length)
        {
            throw new CorruptDataException(0, $"Snappy data is of {length} bytes where {into.Length} are due");
        }

        var filled = 0;
        while (at < from.Length)
        {
            var tag = from[at++];
            if ((tag & 3) == 0)
            {
                CopyLiteral(from, ref at, tag >> 2, into, ref filled);
            }
            else
            {
                CopyEarlier(from, ref at, tag, into, ref filled);
            }
        }

        if (filled != into.Length)
        {
            throw CorruptDataException.EndsEarly(at, $"Snappy data, after {filled} of {into.Length} bytes");
        }
    }

    private static void CopyLiteral(ReadOnlySpan<byte> from, ref int at, int code, Span<byte> into, ref int filled)
    {
        long length = code + 1;
        if (code >= 60)
        {
            // The length less one is in the next one to four bytes.
            length = ReadLittleEndian(from, ref at, code - 59) + 1;
        }

        if (length > from.Length - at || length > into.Length - filled)
        {
            throw new CorruptDataException(at, $"a Snappy literal of {length} bytes does not fit");
        }

        from.Slice(at, (int)length).CopyTo(into[filled..]);
        at += (int)length;
        filled += (int)length;
    }

    private static void CopyEarlier(ReadOnlySpan<byte> from, ref int at, byte tag, Span<byte> into, ref int filled)
    {
        var (length, distance) = (tag & 3) switch
        {
            1 => (4 + ((tag >> 2) & 7), ((tag >> 5) * 256) + ReadLittleEndian(from, ref at, 1)),
            2 => (1 + (tag >> 2), ReadLittleEndian(from, ref at, 2)),
            _ => (1 + (tag >> 2), ReadLittleEndian(from, ref at, 4)),
        };
        if (distance == 0 || distance > filled || length > into.Length - filled)
        {
            throw new CorruptDataException(at, $"a Snappy copy of {length} bytes from {distance} back does not fit");
        }

        var source = filled - (int)distance;
        if (distance >= length)
        {
            into.Slice(source, length).CopyTo(into[filled..]);
        }
        else
        {
            // The copy reads what it writes: a pattern that repeats.
            for (var i = 0; i < length; i++)
            {
                into[filled + i] = into[source + i];
            }
        }

        filled += length;
    }

    private static long ReadLittleEndian(ReadOnlySpan<byte> from, ref int at, int bytes)
    {
        if (bytes > from.Length - at)
        {
            throw CorruptDataException.EndsEarly(at, "a Snappy length");
        }

        Span<byte> word = stackalloc byte[sizeof(uint)];
        word.Clear();
        from.Slice(at, bytes).CopyTo(word);
        at += bytes;
        return BinaryPrimitives.ReadUInt32LittleEndian(word);
    }
}
