using Tracekit.Model;

namespace Tracekit.Schedule.Tests.Tasks;

public sealed class FfmpegCommandTests
{
    [Fact]
    public void The_arguments_stand_in_the_order_of_the_contract()
    {
        var task = Sample.Task() with { Input = "in/a.mp4", Output = "out/a.mp4", Vthreads = 2, Fthreads = 3 };

        Assert.Equal(
            "-i in/a.mp4 -vf scale=1280:720 -c:v libx264 -preset veryfast -crf 28 -threads:v 2 -filter_threads 3 -c:a copy out/a.mp4",
            string.Join(' ', FfmpegCommand.Arguments(task)));
    }

    [Fact]
    public void Thread_options_are_left_out_where_the_task_has_none()
    {
        var task = Sample.Task() with { Input = "in/a.mp4", Output = "out/a.mp4", Vcodec = "hevc", Vthreads = 0, Fthreads = null };

        Assert.Equal(
            "-i in/a.mp4 -vf scale=1280:720 -c:v libx265 -preset veryfast -crf 28 -c:a copy out/a.mp4",
            string.Join(' ', FfmpegCommand.Arguments(task)));
    }

    [Theory]
    [InlineData("a.mp4", "a.mp4")]
    [InlineData("/data/a:b.mp4", "/data/a:b.mp4")]
    [InlineData("-", "./-")]
    [InlineData("-f.mp4", "./-f.mp4")]
    [InlineData("concat:a.mp4|b.mp4", "./concat:a.mp4|b.mp4")]
    [InlineData("http://host/a.mp4", "./http://host/a.mp4")]
    [InlineData("pipe:0", "./pipe:0")]
    [InlineData("subfile,,start,0,end,9,,:a.mp4", "./subfile,,start,0,end,9,,:a.mp4")]
    [InlineData("clip 12:30.mp4", "./clip 12:30.mp4")]
    public void A_path_can_only_be_a_file(string path, string argument) => Assert.Equal(argument, FfmpegCommand.PlainFile(path));

    [Fact]
    public void A_task_that_is_not_valid_gets_no_command() =>
        Assert.Throws<TracekitException>(() => FfmpegCommand.Arguments(Sample.Task() with { Scale = "1:1,movie=/etc/passwd" }));
}
