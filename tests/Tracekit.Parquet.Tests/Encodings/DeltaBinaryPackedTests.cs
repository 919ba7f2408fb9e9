using Tracekit.Parquet.Encodings;

namespace Tracekit.Parquet.Tests.Encodings;

public sealed class DeltaBinaryPackedTests
{
    public static TheoryData<int> Widths { get; } = [.. Enumerable.Range(0, 65)];

    [Theory]
    [MemberData(nameof(Widths))]
    public void Differences_of_every_width_add_up(int width)
    {
        var random = new Random(width);
        var mask = width == 64 ? ulong.MaxValue : (1UL << width) - 1;
        var deltas = Enumerable.Range(0, 255).Select(_ => (ulong)random.NextInt64() * 3 & mask).ToArray();

        var encoded = Encode(first: -5, minDelta: -77, deltas, width);

        Assert.Equal(Sums(-5, -77, deltas), Decode<long>(encoded, 256, batch: 19));
    }

    [Fact]
    public void Example_of_the_format_reads_as_it_says()
    {
        // parquet-format, Encodings, delta encoding: 1, 2, 3, 4, 5 in a block of 128 in 4 miniblocks.
        byte[] encoded = [0x80, 0x01, 0x04, 0x05, 0x02, 0x02, 0x00, 0x00, 0x00, 0x00];

        Assert.Equal([1, 2, 3, 4, 5], Decode<int>(encoded, 5, batch: 2));
    }

    [Fact]
    public void Integers_of_32_bits_wrap_around()
    {
        var encoded = Encode(first: int.MaxValue, minDelta: 1, [0], width: 0);

        Assert.Equal([int.MaxValue, int.MinValue], Decode<int>(encoded, 2, batch: 2));
    }

    [Fact]
    public void Single_value_needs_no_block() =>
        Assert.Equal([-3], Decode<int>([0x80, 0x01, 0x04, 0x01, 0x05], 1, batch: 1));

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0x80, 0x01, 0x04, 0x05 })]
    [InlineData(new byte[] { 0x80, 0x01, 0x00, 0x05, 0x02, 0x02, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0x00, 0x04, 0x05, 0x02, 0x02, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0x81, 0x01, 0x04, 0x05, 0x02, 0x02, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0x80, 0x01, 0x04, 0x05, 0x02, 0x02, 0, 0 })]
    [InlineData(new byte[] { 0x80, 0x01, 0x04, 0x05, 0x02, 0x02, 65, 0, 0, 0 })]
    [InlineData(new byte[] { 0x80, 0x01, 0x04, 0x05, 0x02, 0x02, 9, 0, 0, 0, 1 })]
    [InlineData(new byte[] { 0x80, 0x01, 0x04, 0x04, 0x02, 0x02, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x04, 0x05, 0x02 })]
    public void Blocks_that_end_early_or_cannot_be_are_corrupt(byte[] encoded) =>
        Assert.Throws<CorruptDataException>(() => Decode<int>(encoded, 5, batch: 5));

    /// <summary>One or two blocks of 128 values in 4 miniblocks of 32, all of one width.</summary>
    private static byte[] Encode(long first, long minDelta, ulong[] deltas, int width)
    {
        var bytes = new List<byte>();
        AddVarint(bytes, 128);
        AddVarint(bytes, 4);
        AddVarint(bytes, (ulong)deltas.Length + 1);
        AddVarint(bytes, ZigZag(first));
        foreach (var block in deltas.Chunk(128))
        {
            AddVarint(bytes, ZigZag(minDelta));
            bytes.AddRange(Enumerable.Repeat((byte)width, 4));
            foreach (var miniblock in block.Chunk(32))
            {
                bytes.AddRange(BitPacking.Pack([.. miniblock, .. new ulong[32 - miniblock.Length]], width));
            }
        }

        return [.. bytes];
    }

    private static IEnumerable<long> Sums(long first, long minDelta, ulong[] deltas)
    {
        var value = first;
        yield return value;
        foreach (var delta in deltas)
        {
            value = unchecked(value + minDelta + (long)delta);
            yield return value;
        }
    }

    private static T[] Decode<T>(byte[] encoded, int count, int batch)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        var decoder = new DeltaBinaryPackedDecoder<T>();
        decoder.Reset(encoded, 0, encoded.Length);
        var values = new T[count];
        for (var at = 0; at < count; at += batch)
        {
            decoder.Read(values.AsSpan(at, Math.Min(batch, count - at)));
        }

        return values;
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private static void AddVarint(List<byte> bytes, ulong value)
    {
        var span = new byte[Varint.MaxBytes];
        bytes.AddRange(span.AsSpan(0, Varint.Write(span, value)));
    }
}
