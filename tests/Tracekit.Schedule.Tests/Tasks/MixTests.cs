using FsCheck;
using FsCheck.Fluent;
using Tracekit.Model;

namespace Tracekit.Schedule.Tests.Tasks;

public sealed class MixTests
{
    private const ulong GoldenSeed = 20250901;

    // Computed by an independent implementation of the algorithm in SplitMix64's documentation.
    [Theory]
    [InlineData(
        "fast1080p=2,medium480p=3,hevc1080p=2,light1c=3",
        20,
        "light1c light1c hevc1080p medium480p medium480p fast1080p hevc1080p medium480p light1c medium480p hevc1080p medium480p fast1080p light1c hevc1080p medium480p fast1080p light1c light1c fast1080p")]
    [InlineData("fast1080p=40,medium480p=40,hevc1080p=20", 5, "medium480p fast1080p fast1080p hevc1080p medium480p")]
    [InlineData("fast1080p=2,medium480p=3,light1c=3", 8, "fast1080p medium480p medium480p fast1080p light1c light1c medium480p light1c")]
    public void A_mix_and_a_seed_give_one_sequence_for_all_time(string mix, int total, string expected) =>
        Assert.Equal(expected, string.Join(' ', Parse(mix).Sequence(total, GoldenSeed)));

    [Theory]
    [InlineData("fast1080p=1,medium480p=1,light1c=1", 10, new[] { 4, 3, 3 })]
    [InlineData("fast1080p=1,medium480p=1,light1c=1", 2, new[] { 1, 1, 0 })]
    [InlineData("fast1080p=40,medium480p=40,hevc1080p=20", 5, new[] { 2, 2, 1 })]
    [InlineData("fast1080p=0.5,medium480p=0.25,light1c=0.25", 3, new[] { 1, 1, 1 })]
    [InlineData("fast1080p=1000000,light1c=0.000001", 1000000, new[] { 1000000, 0 })]
    [InlineData("light1c=7", 9, new[] { 9 })]
    public void Tasks_are_split_by_largest_remainder_and_ties_go_to_the_first(string mix, int total, int[] counts) =>
        Assert.Equal(counts, Parse(mix).Split(total));

    [Fact]
    public void No_share_is_off_by_one_task_or_more()
    {
        var weights = Gen.Choose(1, 1000).ListOf(4).Select(w => w.ToArray()).ToArbitrary();
        Check.QuickThrowOnFailure(Prop.ForAll(weights, Gen.Choose(1, 5000).ToArbitrary(), (w, total) =>
        {
            var counts = Parse($"fast1080p={w[0]},medium480p={w[1]},hevc1080p={w[2]},light1c={w[3]}").Split(total);
            return counts.Sum() == total && counts.Zip(w, (c, x) => Math.Abs(c - ((double)total * x / w.Sum())) < 1).All(ok => ok);
        }));
    }

    [Theory]
    [InlineData("", "--mix is empty: give it as name=weight,…, for example fast1080p=2,medium480p=3")]
    [InlineData("slow=1", "--mix: no profile 'slow'; there are default, fast1080p, hevc1080p, light1c, medium480p")]
    [InlineData("light1c=1,", "--mix: no profile ''; there are default, fast1080p, hevc1080p, light1c, medium480p")]
    [InlineData("light1c", "--mix: weight '' of light1c must be a number above 0, at most 1000000, as in light1c=2")]
    [InlineData("light1c=0", "--mix: weight '0' of light1c must be a number above 0, at most 1000000, as in light1c=2")]
    [InlineData("light1c=-1", "--mix: weight '-1' of light1c must be a number above 0, at most 1000000, as in light1c=2")]
    [InlineData("light1c=1e3", "--mix: weight '1e3' of light1c must be a number above 0, at most 1000000, as in light1c=2")]
    [InlineData("light1c=0.0000001", "--mix: weight '0.0000001' of light1c must be a number above 0, at most 1000000, as in light1c=2")]
    [InlineData("light1c=1000001", "--mix: weight '1000001' of light1c must be a number above 0, at most 1000000, as in light1c=2")]
    [InlineData("light1c=1,light1c=2", "--mix names profile 'light1c' twice: give each once, with one weight")]
    public void A_mix_that_cannot_be_is_refused(string mix, string message) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => Parse(mix)).Message);

    [Fact]
    public void Blanks_around_entries_do_not_matter() =>
        Assert.Equal([new MixEntry("light1c", 2_000_000), new MixEntry("fast1080p", 1_500_000)], Parse(" light1c = 2 , fast1080p=1.5").Entries);

    private static Mix Parse(string text) => Mix.Parse(text, ProfileSet.BuiltIn);
}
