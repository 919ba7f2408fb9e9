using FsCheck;
using FsCheck.Fluent;

namespace Tracekit.Linux.Tests;

public sealed class CpuSetTests
{
    [Theory]
    [InlineData("0", "0")]
    [InlineData("0-3,6", "0-3,6")]
    [InlineData("6,0,1,2-3", "0-3,6")]
    [InlineData("1,1,0-2", "0-2")]
    [InlineData("8191", "8191")]
    [InlineData("5-5", "5")]
    public void A_list_is_read_and_written_in_its_shortest_form(string text, string shortest)
    {
        Assert.True(CpuSet.TryParse(text, out var set));
        Assert.Equal(shortest, set.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("0,")]
    [InlineData("-1")]
    [InlineData("0-")]
    [InlineData("3-1")]
    [InlineData("0-1-2")]
    [InlineData(" 0")]
    [InlineData("+1")]
    [InlineData("a")]
    [InlineData("0x1")]
    [InlineData("8192")]
    [InlineData("0-99999999999")]
    [InlineData("0-6:2/4")]
    public void Anything_else_is_refused(string? text) => Assert.False(CpuSet.TryParse(text, out _));

    [Fact]
    public void A_text_beyond_its_limit_is_refused() => Assert.False(CpuSet.TryParse(string.Join(',', Enumerable.Repeat("0-8191", 600)), out _));

    [Fact]
    public void What_is_written_is_read_back()
    {
        var cpus = Gen.Choose(0, 40).NonEmptyListOf().ToArbitrary();
        Check.QuickThrowOnFailure(Prop.ForAll(cpus, c => CpuSet.TryParse(new CpuSet(c).ToString(), out var read) && read.Equals(new CpuSet(c))));
    }
}
