using Tracekit.Model;

namespace Tracekit.Schedule.Tests.Inputs;

public sealed class SyntheticVideoPlanTests
{
    [Fact]
    public void Patterns_noises_and_durations_come_in_turn()
    {
        var videos = SyntheticVideoPlan.Make(new SyntheticVideoOptions { Count = 7, DurationsS = [10, 2.5] });

        Assert.Equal(
            [
                "gen_000_gradient_none_10s.mp4", "gen_001_noise_low_2.5s.mp4", "gen_002_moving_medium_10s.mp4", "gen_003_mandelbrot_none_2.5s.mp4",
                "gen_004_plasma_low_10s.mp4", "gen_005_gradient_medium_2.5s.mp4", "gen_006_noise_none_10s.mp4",
            ],
            videos.Select(v => v.FileName));
    }

    [Fact]
    public void A_third_has_no_noise_a_third_little_and_a_third_medium_and_every_pair_comes_once_in_fifteen()
    {
        var videos = SyntheticVideoPlan.Make(new SyntheticVideoOptions { Count = 15 });

        Assert.Equal([5, 5, 5], videos.CountBy(v => v.Noise).Select(c => c.Value));
        Assert.Equal(15, videos.Select(v => (v.Pattern, v.Noise)).Distinct().Count());
    }

    [Fact]
    public void A_video_has_one_command_for_all_time()
    {
        var video = SyntheticVideoPlan.Make(new SyntheticVideoOptions { Count = 2, DurationsS = [3], Seed = 20250901 })[1];

        Assert.Equal(
            "-nostdin -y -hide_banner -loglevel error -nostats -progress pipe:1 -f lavfi " +
            "-i color=c=gray:s=1920x1080:r=30,noise=alls=60:allf=t+u:all_seed=1227477445,format=yuv420p,noise=alls=8:allf=t:all_seed=285326991 -t 3 " +
            "-c:v libx264 -preset ultrafast -pix_fmt yuv420p -threads:v 1 -g 90 -keyint_min 90 -sc_threshold 0 " +
            "-b:v 8000000 -maxrate 8000000 -bufsize 4000000 -fflags +bitexact -flags:v +bitexact -map_metadata -1 ./-out.mp4",
            string.Join(' ', SyntheticVideoCommand.Arguments(video, "-out.mp4")));
    }

    [Fact]
    public void Another_seed_gives_another_video()
    {
        var sources = new ulong[] { 1, 2 }.Select(seed => SyntheticVideoPlan.Make(new SyntheticVideoOptions { Count = 5, Seed = seed * 100 }));

        Assert.All(sources.First().Zip(sources.Last()), pair => Assert.NotEqual(SyntheticVideoCommand.Arguments(pair.First, "o"), SyntheticVideoCommand.Arguments(pair.Second, "o")));
    }

    [Theory]
    [InlineData(1920, 1080, 30, 8_000_000)]
    [InlineData(1280, 720, 30, 3_555_555)]
    [InlineData(1920, 1080, 60, 16_000_000)]
    [InlineData(64, 64, 1, 50_000)]
    public void The_bit_rate_follows_size_and_frame_rate(int width, int height, int fps, long bits)
    {
        var video = SyntheticVideoPlan.Make(new SyntheticVideoOptions { Width = width, Height = height, FramesPerSecond = fps })[0];

        Assert.Equal(bits, SyntheticVideoCommand.BitsPerSecond(video));
    }

    public static TheoryData<string, SyntheticVideoOptions> BadOptions => new()
    {
        { "--count 0: must be 1 to 10000", new SyntheticVideoOptions { Count = 0 } },
        { "--durations is empty: give seconds, for example 5,10,20", new SyntheticVideoOptions { DurationsS = [] } },
        { "--durations 0: must be 0.1 to 3600 seconds", new SyntheticVideoOptions { DurationsS = [1, 0] } },
        { "--durations NaN: must be 0.1 to 3600 seconds", new SyntheticVideoOptions { DurationsS = [double.NaN] } },
        { "--size 1921x1080: both sides must be even and 64 to 7680", new SyntheticVideoOptions { Width = 1921 } },
        { "--size 1920x62: both sides must be even and 64 to 7680", new SyntheticVideoOptions { Height = 62 } },
        { "--fps 241: must be 1 to 240", new SyntheticVideoOptions { FramesPerSecond = 241 } },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void Options_out_of_range_are_refused(string message, SyntheticVideoOptions options) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => SyntheticVideoPlan.Make(options)).Message);

    [Fact]
    public void A_size_is_read_or_refused()
    {
        Assert.Equal((1280, 720), SyntheticVideoPlan.ParseSize("1280x720"));
        Assert.Equal("--size '720p': give it as WIDTHxHEIGHT, for example 1920x1080", Assert.Throws<UsageException>(() => SyntheticVideoPlan.ParseSize("720p")).Message);
    }

    [Theory]
    [InlineData("out_time_us=1500000", 1500)]
    [InlineData("out_time_us=0", 0)]
    [InlineData("out_time_us=2000\r", 2)]
    [InlineData("out_time_us=N/A", null)]
    [InlineData("out_time_us=-9223372036854775807", null)]
    [InlineData("out_time_us=9223372036854775807", null)]
    [InlineData("out_time_ms=1500000", null)]
    [InlineData("progress=end", null)]
    [InlineData("", null)]
    public void Progress_is_read_from_one_kind_of_line(string line, int? ms) =>
        Assert.Equal(ms is null ? null : TimeSpan.FromMilliseconds(ms.Value), FfmpegProgress.OutputTime(line));
}
