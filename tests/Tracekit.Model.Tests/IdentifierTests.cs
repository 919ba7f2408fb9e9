namespace Tracekit.Model.Tests;

public sealed class IdentifierTests
{
    [Theory]
    [InlineData("20260101T000000Z")]
    [InlineData("a")]
    [InlineData("node-1.example_x")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public void An_id_may_be(string id) => Assert.Equal(id, Identifier.Check(id, "run id"));

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../etc")]
    [InlineData("a/b")]
    [InlineData("-a")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("ä")]
    [InlineData("a\0b")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234")]
    public void An_id_may_not_be(string id)
    {
        var error = Assert.Throws<UsageException>(() => Identifier.Check(id, "run id"));

        Assert.StartsWith("run id '", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("vm", "vm")]
    [InlineData("my host.local", "my-host.local")]
    [InlineData("-x", "x")]
    [InlineData("...", "node")]
    public void A_host_name_becomes_an_id(string host, string id)
    {
        Assert.Equal(id, Identifier.NodeIdOfHost(host));
        Assert.True(Identifier.IsValid(id));
    }

    [Fact]
    public void A_new_run_id_is_the_time_in_utc() =>
        Assert.Equal("20260203T040506Z", Identifier.NewRunId(new DateTimeOffset(2026, 2, 3, 6, 5, 6, TimeSpan.FromHours(2))));

    [Theory]
    [InlineData("cloud")]
    [InlineData("edge")]
    [InlineData("endpoint")]
    public void A_stage_may_be(string stage) => Assert.Equal(stage, Stage.Check(stage));

    [Fact]
    public void Any_other_stage_is_refused() => Assert.Throws<UsageException>(() => Stage.Check("Cloud"));
}
