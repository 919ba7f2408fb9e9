namespace Tracekit.Schedule.Tests.Tasks;

public sealed class SplitMix64Tests
{
    // The published reference implementation (Vigna, splitmix64.c) gives these.
    [Theory]
    [InlineData(0UL, new[] { 0xE220A8397B1DCDAFUL, 0x6E789E6AA1B965F4UL, 0x06C45D188009454FUL })]
    [InlineData(20250901UL, new[] { 0x34536F8CC09BA3F7UL, 0xE3D274ED786EB587UL, 0x5056FFFBDDDD213CUL })]
    public void A_seed_gives_the_reference_sequence(ulong seed, ulong[] expected)
    {
        var random = new SplitMix64(seed);

        Assert.Equal(expected, new[] { random.Next(), random.Next(), random.Next() });
    }

    [Fact]
    public void Draws_stay_below_their_bound_and_reach_every_value()
    {
        var random = new SplitMix64(1);

        var draws = Enumerable.Range(0, 300).Select(_ => random.Below(3)).ToHashSet();

        Assert.Equal([0UL, 1UL, 2UL], draws.Order());
    }

    [Fact]
    public void A_shuffle_keeps_every_item()
    {
        int[] items = [.. Enumerable.Range(0, 100)];

        new SplitMix64(5).Shuffle<int>(items);

        Assert.Equal(Enumerable.Range(0, 100), items.Order());
        Assert.NotEqual(Enumerable.Range(0, 100), items);
    }
}
