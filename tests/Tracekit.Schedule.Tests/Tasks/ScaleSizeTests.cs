namespace Tracekit.Schedule.Tests.Tasks;

public sealed class ScaleSizeTests
{
    [Theory]
    [InlineData("1920:1080", 1920, 1080)]
    [InlineData("-1:480", -1, 480)]
    [InlineData("854:-2", 854, -2)]
    [InlineData("16384:1", 16384, 1)]
    public void A_size_is_read(string text, int width, int height)
    {
        Assert.True(ScaleSize.TryParse(text, out var size));
        Assert.Equal(new ScaleSize(width, height), size);
        Assert.Equal(text, size.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(":")]
    [InlineData("1920")]
    [InlineData("1920x1080")]
    [InlineData("1920:1080:1")]
    [InlineData("1920:")]
    [InlineData("0:480")]
    [InlineData("-3:480")]
    [InlineData("-1:-2")]
    [InlineData("+5:480")]
    [InlineData(" 5:480")]
    [InlineData("16385:480")]
    [InlineData("iw/2:ih/2")]
    [InlineData("99999999999:1")]
    public void Anything_else_is_refused(string? text) => Assert.False(ScaleSize.TryParse(text, out _));
}
