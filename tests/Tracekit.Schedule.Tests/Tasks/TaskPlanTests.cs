using System.Text;
using Tracekit.Model;

namespace Tracekit.Schedule.Tests.Tasks;

public sealed class TaskPlanTests
{
    private static readonly TaskPlanOptions TwoInputs = new() { Inputs = ["in/a.mp4", "in/b.mkv"], OutputDirectory = "out" };

    [Fact]
    public void Without_a_mix_every_input_gets_one_task_of_the_default_profile()
    {
        var tasks = TaskPlan.Make(TwoInputs);

        Assert.Equal(["in/a.mp4", "in/b.mkv"], tasks.Select(t => t.Input));
        Assert.Equal(["out/a_1280x720_h264_veryfast_n0000.mp4", "out/b_1280x720_h264_veryfast_n0001.mp4"], tasks.Select(t => t.Output));
        Assert.All(tasks, t => Assert.Equal(("default", "1280:720", "veryfast", 28, 1), (t.Profile, t.Scale, t.Preset, t.Crf, t.CpuUnits)));
        Assert.Equal([0L, 1L], tasks.Select(t => t.Seq));
        Assert.Equal(2, tasks.Select(t => t.TraceId).Distinct().Count());
        Assert.All(tasks, t => t.Validate());
    }

    [Fact]
    public void A_mix_gives_profiles_by_seed_and_inputs_round_robin()
    {
        var mix = Mix.Parse("fast1080p=40,medium480p=40,hevc1080p=20", ProfileSet.BuiltIn);

        var tasks = TaskPlan.Make(TwoInputs with { Mix = mix, Total = 5, Seed = 20250901 });

        Assert.Equal(
            [
                "out/a_854x480_h264_medium_n0000.mp4", "out/b_1920x1080_h264_fast_n0001.mp4", "out/a_1920x1080_h264_fast_n0002.mp4",
                "out/b_1920x1080_hevc_medium_n0003.mp4", "out/a_854x480_h264_medium_n0004.mp4",
            ],
            tasks.Select(t => t.Output));
        Assert.Equal([2, 2, 2, 4, 2], tasks.Select(t => t.CpuUnits));
        Assert.All(tasks, t => t.Validate());
    }

    [Fact]
    public void Flags_beat_the_profile()
    {
        var task = TaskPlan.Make(TwoInputs with { Scale = "640:-2", Preset = "ultrafast", Crf = 40 })[0];

        Assert.Equal(("640:-2", "ultrafast", 40, "out/a_640x-2_h264_ultrafast_n0000.mp4"), (task.Scale, task.Preset, task.Crf, task.Output));
    }

    [Fact]
    public void Inputs_that_differ_in_their_extension_only_do_not_clash()
    {
        var tasks = TaskPlan.Make(TwoInputs with { Inputs = ["in/a.mkv", "in/a.mp4"], Total = 4 });

        Assert.Equal(4, tasks.Select(t => t.Output).Distinct().Count());
    }

    [Fact]
    public void A_name_too_long_for_a_file_system_is_cut_between_characters()
    {
        var name = TaskPlan.OutputName("in/" + new string('ä', 120) + ".mp4", Profile.Default, 12);

        Assert.Equal(223, Encoding.UTF8.GetByteCount(name));
        Assert.EndsWith("ää_1280x720_h264_veryfast_n0012.mp4", name, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1_000_001)]
    public void A_total_that_cannot_be_is_refused(int total) =>
        Assert.Equal($"--total {total}: must be 1 to 1000000", Assert.Throws<UsageException>(() => TaskPlan.Make(TwoInputs with { Total = total })).Message);

    [Fact]
    public void No_inputs_tells_how_to_make_some() =>
        Assert.Contains("tracekit generate-inputs", Assert.Throws<UsageException>(() => TaskPlan.Make(TwoInputs with { Inputs = [] })).Message, StringComparison.Ordinal);

    [Fact]
    public void A_bad_override_is_refused() =>
        Assert.Equal("--scale, --preset, --crf: crf 99 is outside 0 to 51", Assert.Throws<UsageException>(() => TaskPlan.Make(TwoInputs with { Crf = 99 })).Message);

    [Fact]
    public void Only_finished_videos_are_inputs() =>
        Assert.Equal(
            ["B.MP4", "a.mkv", "a.mp4", "c.ts"],
            InputVideos.Select(["c.ts", "a.mp4", ".hidden.mp4", "a.mkv", "x.partial.mp4", "notes.txt", "B.MP4", "list.m3u8"]));

    [Fact]
    public void A_missing_or_empty_input_directory_tells_how_to_fill_it()
    {
        var empty = Directory.CreateTempSubdirectory("tk-inputs-");

        Assert.Contains("tracekit generate-inputs", Assert.Throws<UsageException>(() => InputVideos.In(empty.FullName)).Message, StringComparison.Ordinal);
        empty.Delete();
        Assert.Contains("no such directory", Assert.Throws<UsageException>(() => InputVideos.In(empty.FullName)).Message, StringComparison.Ordinal);
    }
}
