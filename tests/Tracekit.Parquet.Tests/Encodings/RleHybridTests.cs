namespace Tracekit.Parquet.Tests.Encodings;

public sealed class RleHybridTests
{
    [Fact]
    public void Run_is_a_length_and_a_value() =>
        Assert.Equal([5, 5, 5, 5], RleHybrid.Decode([4 << 1, 5], width: 3, count: 4));

    [Fact]
    public void Value_of_a_run_takes_whole_bytes() =>
        Assert.Equal([0x1234, 0x1234], RleHybrid.Decode([2 << 1, 0x34, 0x12], width: 13, count: 2));

    [Fact]
    public void Packed_group_is_eight_values() =>
        Assert.Equal([1, 0, 1, 1, 0, 0, 0, 1], RleHybrid.Decode([(1 << 1) | 1, 0b10001101], width: 1, count: 8));

    [Fact]
    public void Runs_of_no_bits_are_zeros() =>
        Assert.Equal(new int[20], RleHybrid.Decode([12 << 1, (1 << 1) | 1], width: 0, count: 20));

    [Fact]
    public void Empty_runs_are_passed_over() =>
        Assert.Equal([1, 1], RleHybrid.Decode([0, 1, 1, 2 << 1, 1], width: 1, count: 2));

    [Fact]
    public void Last_group_may_lack_its_padding() =>
        Assert.Equal([3, 2, 1, 0], RleHybrid.Decode([(1 << 1) | 1, 0b00011011], width: 2, count: 4));

    [Theory]
    [InlineData(new byte[] { }, 1)]
    [InlineData(new byte[] { 0x80 }, 1)]
    [InlineData(new byte[] { 2 << 1 }, 1)]
    [InlineData(new byte[] { 2 << 1, 1, 2 }, 16)]
    [InlineData(new byte[] { 1 << 1, 1 }, 1)]
    [InlineData(new byte[] { 3 }, 8)]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 }, 8)]
    [InlineData(new byte[] { 0, 0, 0, 0 }, 1)]
    [InlineData(new byte[] { 4, 0 }, 33)]
    public void Runs_that_end_early_or_cannot_be_are_corrupt(byte[] encoded, int width) =>
        Assert.Throws<CorruptDataException>(() => RleHybrid.Decode(encoded, width, count: 3));
}
