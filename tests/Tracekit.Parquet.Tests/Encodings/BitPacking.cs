using Tracekit.Parquet.Encodings;

namespace Tracekit.Parquet.Tests.Encodings;

/// <summary>Bit packing, bit by bit: too slow to be wrong.</summary>
internal static class BitPacking
{
    public static byte[] Pack(IReadOnlyList<ulong> values, int width)
    {
        var packed = new byte[((values.Count * width) + 7) / 8];
        for (var i = 0; i < values.Count * width; i++)
        {
            packed[i / 8] |= (byte)(((values[i / width] >> (i % width)) & 1) << (i % 8));
        }

        return packed;
    }
}

/// <summary>Drives the decoder of runs as the reader does.</summary>
internal static class RleHybrid
{
    public static int[] Decode(byte[] encoded, int width, int count)
    {
        var decoder = new RleHybridDecoder();
        decoder.Reset(encoded, 0, encoded.Length, width);
        var values = new int[count];
        var done = 0;
        while (done < count)
        {
            var run = decoder.TakeRun(count - done, out var value);
            values.AsSpan(done, run).Fill(value);
            done += run > 0 ? run : decoder.TakePacked(values.AsSpan(done, Math.Min(13, count - done)));
        }

        return values;
    }
}
