using System.Globalization;
using System.Security.Cryptography;
using Tracekit.Model;

namespace Tracekit.Schedule.Tests.Inputs;

public sealed class VideoGeneratorTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("tk-videos-");

    public void Dispose() => _directory.Delete(recursive: true);

    public static TheoryData<int, VideoPattern> PatternsOfThePlan => new()
    {
        { 0, VideoPattern.Gradient },
        { 1, VideoPattern.Noise },
        { 2, VideoPattern.Moving },
        { 3, VideoPattern.Mandelbrot },
        { 4, VideoPattern.Plasma },
    };

    [Theory]
    [MemberData(nameof(PatternsOfThePlan))]
    public async Task A_real_video_has_the_size_rate_format_key_frames_and_bits_it_should(int index, VideoPattern pattern)
    {
        var video = SyntheticVideoPlan.Make(new SyntheticVideoOptions { Count = 5, DurationsS = [4] })[index];
        Assert.Equal(pattern, video.Pattern);
        List<VideoProgress> progress = [];

        var path = (await new VideoGenerator(RealProgram.RunAsync, progress.Add).RunAsync([video], _directory.FullName, false, default)).Single();

        Assert.Equal(
            "h264,1920,1080,yuv420p,30/1,120",
            await RealProgram.OutputOfAsync("ffprobe", "-v", "error", "-select_streams", "v", "-count_packets", "-show_entries",
                "stream=codec_name,width,height,pix_fmt,r_frame_rate,nb_read_packets", "-of", "csv=p=0", path));
        Assert.Equal(["0.000000", "3.000000"], await KeyFrames(path));
        var bits = double.Parse(await RealProgram.OutputOfAsync("ffprobe", "-v", "error", "-show_entries", "stream=bit_rate", "-of", "csv=p=0", path), CultureInfo.InvariantCulture);
        Assert.InRange(bits, 7.2e6, 8.8e6);
        Assert.Equal("", await RealProgram.OutputOfAsync("ffmpeg", "-nostdin", "-v", "error", "-xerror", "-i", path, "-f", "null", "-"));
        Assert.Equal([video.FileName], Directory.EnumerateFiles(_directory.FullName).Select(p => Path.GetFileName(p)));
        Assert.Equal((0.0, 1.0), (progress[0].Fraction, progress[^1].Fraction));
        Assert.Contains(progress, p => p.Fraction is > 0 and < 1);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_bytes()
    {
        var videos = SyntheticVideoPlan.Make(new SyntheticVideoOptions { Count = 6, DurationsS = [0.5], Width = 320, Height = 240, Seed = 9 });
        var generator = new VideoGenerator(RealProgram.RunAsync);

        var first = await Hashes(await generator.RunAsync(videos, _directory.FullName, overwrite: true, default));
        var second = await Hashes(await generator.RunAsync(videos, _directory.FullName, overwrite: true, default));

        Assert.Equal(first, second);
    }

    [Fact]
    public async Task A_transcode_of_a_synthetic_video_by_a_tasks_command_works()
    {
        var videos = SyntheticVideoPlan.Make(new SyntheticVideoOptions { Count = 1, DurationsS = [0.5] });
        var input = (await new VideoGenerator(RealProgram.RunAsync).RunAsync(videos, _directory.FullName, false, default)).Single();
        var task = TaskPlan.Make(new TaskPlanOptions { Inputs = [input], OutputDirectory = _directory.FullName, Scale = "-2:120" })[0];

        var exit = await RealProgram.RunAsync("ffmpeg", ["-nostdin", "-v", "error", .. FfmpegCommand.Arguments(task)], _ => { }, default);

        Assert.Equal((0, ""), (exit.ExitCode, exit.StderrTail));
        Assert.Equal("214,120", await RealProgram.OutputOfAsync("ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", task.Output));
    }

    [Fact]
    public async Task A_finished_video_is_kept_and_an_unfinished_one_is_made()
    {
        var videos = SyntheticVideoPlan.Make(new SyntheticVideoOptions { Count = 2 });
        await File.WriteAllTextAsync(PathOf(videos[0]), "finished");
        await File.WriteAllTextAsync(Path.ChangeExtension(PathOf(videos[1]), ".partial.mp4"), "torn");
        List<VideoProgress> progress = [];

        await new VideoGenerator(Writing("new", exitCode: 0), progress.Add).RunAsync(videos, _directory.FullName, overwrite: false, default);

        Assert.Equal("finished", await File.ReadAllTextAsync(PathOf(videos[0])));
        Assert.Equal("new", await File.ReadAllTextAsync(PathOf(videos[1])));
        Assert.Equal([true, true, false, false], progress.Select(p => p.Kept));
        Assert.Equal(2, _directory.GetFiles().Length);
    }

    [Fact]
    public async Task A_video_that_fails_leaves_nothing_and_says_why_in_one_line()
    {
        var videos = SyntheticVideoPlan.Make(new SyntheticVideoOptions { Count = 1 });

        var error = await Assert.ThrowsAsync<TracekitException>(
            () => new VideoGenerator(Writing("half", exitCode: 1)).RunAsync(videos, _directory.FullName, false, default));

        Assert.Equal($"{PathOf(videos[0])}: ffmpeg ended with 1: No space left on device", error.Message);
        Assert.Empty(_directory.GetFiles());
    }

    [Fact]
    public async Task A_directory_that_cannot_be_made_is_named()
    {
        var file = Path.Combine(_directory.FullName, "file");
        await File.WriteAllTextAsync(file, "");

        var error = await Assert.ThrowsAsync<TracekitException>(() => new VideoGenerator(Writing("", 0)).RunAsync([], Path.Combine(file, "x"), false, default));

        Assert.StartsWith($"{file}/x: cannot make the directory: ", error.Message, StringComparison.Ordinal);
    }

    // A fake ffmpeg: writes a text where the video should go.
    private static ProgramRunner Writing(string text, int exitCode) => async (_, arguments, _, cancellation) =>
    {
        await File.WriteAllTextAsync(arguments[^1], text, cancellation);
        return new ProgramExit(exitCode, "something first\nNo space left on device\n");
    };

    private static async Task<string[]> KeyFrames(string path)
    {
        var frames = await RealProgram.OutputOfAsync(
            "ffprobe", "-v", "error", "-select_streams", "v", "-skip_frame", "nokey", "-show_entries", "frame=pts_time", "-of", "csv=p=0", path);
        return [.. frames.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd(','))];
    }

    private static Task<string[]> Hashes(IReadOnlyList<string> paths) =>
        Task.WhenAll(paths.Select(async path => Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(path)))));

    private string PathOf(SyntheticVideo video) => Path.Combine(_directory.FullName, video.FileName);
}
