using System.Buffers;
using Tracekit.Parquet.Encodings;

namespace Tracekit.Parquet.Tests.Encodings;

public sealed class BitUnpackerTests
{
    public static TheoryData<int> Widths32 { get; } = [.. Enumerable.Range(0, 33)];

    public static TheoryData<int> Widths64 { get; } = [.. Enumerable.Range(0, 65)];

    [Theory]
    [MemberData(nameof(Widths32))]
    public void Every_width_unpacks_from_every_place(int width)
    {
        var values = RandomValues(width, count: 100);
        var packed = BitPacking.Pack(values, width);

        for (var skip = 0; skip < values.Length; skip++)
        {
            var unpacked = new int[values.Length - skip];
            BitUnpacker.Unpack(packed, (long)skip * width, width, unpacked);

            Assert.Equal(values[skip..], unpacked.Select(value => (ulong)(uint)value));
        }
    }

    [Theory]
    [MemberData(nameof(Widths64))]
    public void Every_width_of_a_difference_unpacks(int width)
    {
        var values = RandomValues(width, count: 96);
        var unpacked = new ulong[values.Length];

        BitUnpacker.Unpack(BitPacking.Pack(values, width), 0, width, unpacked);

        Assert.Equal(values, unpacked);
    }

    [Theory]
    [MemberData(nameof(Widths32))]
    public void Every_width_reads_back_through_runs_and_groups(int width)
    {
        uint[] values =
        [
            .. RandomValues(width, 5).Select(value => (uint)value),
            .. Enumerable.Repeat((uint)RandomValues(width, 1)[0], 1000),
            .. RandomValues(width, 301).Select(value => (uint)value),
            .. Enumerable.Repeat(0u, 9),
            .. RandomValues(width, 3).Select(value => (uint)value),
        ];
        var encoded = new ArrayBufferWriter<byte>();

        RleHybridEncoder.Encode<uint>(values, width, encoded);

        Assert.Equal(values, RleHybrid.Decode(encoded.WrittenSpan.ToArray(), width, values.Length).Select(value => (uint)value));
    }

    [Fact]
    public void Groups_of_three_bits_are_packed_as_the_format_shows()
    {
        // The example of parquet-format, Encodings: 0 to 7 in three bits each.
        byte[] packed = [0b10001000, 0b11000110, 0b11111010];
        var values = new int[8];

        BitUnpacker.Unpack(packed, 0, 3, values);

        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], values);
    }

    private static ulong[] RandomValues(int width, int count)
    {
        var random = new Random(width);
        var mask = width == 64 ? ulong.MaxValue : (1UL << width) - 1;
        return [.. Enumerable.Range(0, count).Select(i => (i % 10 == 0 ? ulong.MaxValue : (ulong)random.NextInt64() * 2) & mask)];
    }
}
