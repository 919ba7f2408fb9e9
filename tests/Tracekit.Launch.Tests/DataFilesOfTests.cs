namespace Tracekit.Launch.Tests;

public sealed class DataFilesOfTests
{
    [Theory]
    [InlineData("-i in.mp4 out.mp4", "in.mp4", "out.mp4", 2)]
    [InlineData("-y -i in.mp4 -c:v libx264 -crf 28 out.mkv", "in.mp4", "out.mkv", 7)]
    [InlineData("-i a.mp4 -i b.wav out.mp4", "a.mp4", "out.mp4", 4)]
    [InlineData("-i in.mp4 -an out.mp4", "in.mp4", "out.mp4", 3)]
    [InlineData("-i in.mp4", "in.mp4", null, -1)]
    [InlineData("-i in.mp4 out.mp4 -loglevel error", "in.mp4", null, -1)]
    [InlineData("-h muxer=mp4", null, null, -1)]
    [InlineData("-i in.mp4 -f null -", "in.mp4", null, -1)]
    [InlineData("-i in.mp4 -f mp4 /dev/null", "in.mp4", "/dev/null", -1)]
    [InlineData("-i in.mp4 out.m3u8", "in.mp4", "out.m3u8", -1)]
    [InlineData("-i in.mp4 -f segment out.ts", "in.mp4", "out.ts", -1)]
    [InlineData("-i in.mp4 frame%04d.mp4", "in.mp4", "frame%04d.mp4", -1)]
    [InlineData("-i in.mp4 tcp:h:1/x.ts", "in.mp4", null, -1)]
    [InlineData("-i in.mp4 http://h/x.ts", "in.mp4", null, -1)]
    [InlineData("-i http://h/x.ts ./a:b.mp4", null, "./a:b.mp4", 2)]
    [InlineData("-i in.mp4 pipe:1", "in.mp4", null, -1)]
    [InlineData("-i same.mp4 -c copy ./same.mp4", "same.mp4", "./same.mp4", -1)]
    [InlineData("", null, null, -1)]
    public void Ffmpegs_input_and_output_are_found_and_only_a_plain_single_file_gets_a_temporary_name(string arguments, string? input, string? output, int index)
    {
        var files = DataFilesOf.Ffmpeg(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((input, output, index), (files.Input, files.Output, files.OutputArgument));
    }

    [Theory]
    [InlineData("out/video.mp4", ".video.1-2.partial.mp4")]
    [InlineData("noextension", ".noextension.1-2.partial")]
    public void A_temporary_name_is_hidden_and_keeps_the_extension(string output, string name) => Assert.Equal(name, OutputFile.TemporaryName(output, ".1-2.partial"));

    [Fact]
    public void A_temporary_name_is_cut_to_what_a_file_system_takes()
    {
        var name = OutputFile.TemporaryName(new string('視', 84) + ".mp4", ".123456-1.partial");

        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(name), 240, 255);
        Assert.EndsWith(".123456-1.partial.mp4", name, StringComparison.Ordinal);
    }
}
