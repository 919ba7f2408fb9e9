using System.Text;
using Tracekit.Model;

namespace Tracekit.Schedule.Tests.Tasks;

public sealed class TaskSpecTests
{
    [Fact]
    public void A_task_is_written_with_the_field_names_of_the_contract()
    {
        var task = Sample.Task(seq: 7) with
        {
            Vthreads = 2,
            Fthreads = 3,
            Cpuset = "0-1",
            CpuQuota = 150,
            CpuWeight = 200,
            UnitName = "tk-7",
            TsEnqueue = 1795227469771,
            Profile = "fast1080p",
            TraceId = "c63f8644-cb34-4321-b0f4-5bb8591710a3",
            DurationS = 2.5,
        };

        var json = Encoding.UTF8.GetString(task.ToJson());

        Assert.Equal(
            """
            {"input":"inputs/a.mp4","output":"outputs/a_1280x720_h264_veryfast_n0007.mp4","scale":"1280:720","vcodec":"h264","preset":"veryfast","crf":28,"vthreads":2,"fthreads":3,"cpu_units":1,"cpuset":"0-1","cpu_quota":150,"cpu_weight":200,"unit_name":"tk-7","ts_enqueue":1795227469771,"_seq":7,"profile":"fast1080p","trace_id":"c63f8644-cb34-4321-b0f4-5bb8591710a3","duration_s":2.5}
            """,
            json);
        Assert.Equal(task, TaskSpec.Parse(task.ToJson(), "q:pending"));
    }

    [Fact]
    public void A_task_of_the_older_tool_is_read_and_its_other_fields_are_ignored()
    {
        var task = Parse("""
            {"input": "in/a.mp4", "output": "out/a.mp4", "scale": "854:480", "vcodec": "h264", "preset": "medium", "crf": 28,
             "vthreads": null, "cpuset": "", "cpu_units": 2, "ts_enqueue": 1795227469771, "_seq": 3, "extra": {"deep": [1]}}
            """);

        Assert.Equal(("854:480", 2, null, null, 3L), (task.Scale, task.CpuUnits, task.Vthreads, task.Cpuset, task.Seq));
        Assert.Empty(TaskFaults.Of(task));
    }

    [Fact]
    public void A_task_that_says_nothing_of_its_share_takes_one_unit() =>
        Assert.Equal(1, Parse("""{"input": "a.mp4"}""").CpuUnits);

    [Fact]
    public void A_task_may_not_take_nothing() =>
        Assert.Contains("cpu_units 0 is outside 1 to 65536", TaskFaults.Of(Parse("""{"cpu_units": 0}""")));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"crf\": \"x\"}")]
    [InlineData("{\"crf\": 99999999999999}")]
    [InlineData("{\"input\": 5}")]
    [InlineData("{\"input\": \"\\ud800\"}")]
    [InlineData("{\"input\": \"a\"")]
    [InlineData("{\"a\":[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]}")]
    public void What_is_no_task_is_refused_with_the_name_of_its_queue(string json)
    {
        var error = Assert.Throws<TraceFormatException>(() => Parse(json));
        Assert.StartsWith("q:pending: not a task: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_task_of_a_megabyte_is_refused_before_it_is_read() =>
        Assert.Throws<TraceFormatException>(() => TaskSpec.Parse(new byte[1024 * 1024], "q:pending"));

    [Fact]
    public void Invalid_utf8_is_refused() =>
        Assert.Throws<TraceFormatException>(() => TaskSpec.Parse([.. "{\"input\":\""u8, 0xff, .. "\"}"u8], "q:pending"));

    [Fact]
    public void A_good_task_has_no_fault() => Assert.Empty(TaskFaults.Of(Sample.Task()));

    public static TheoryData<string, TaskSpec> BadTasks => new()
    {
        { "input is missing", Sample.Task() with { Input = "" } },
        { "output is missing", Sample.Task() with { Output = "" } },
        { "input has a NUL character in it", Sample.Task() with { Input = "a\0b" } },
        { "output '-y' starts with '-'", Sample.Task() with { Output = "-y" } },
        { "is a directory", Sample.Task() with { Output = "outputs/" } },
        { "output is the input", Sample.Task() with { Output = "inputs/a.mp4" } },
        { "input is longer than 4095 bytes", Sample.Task() with { Input = new string('ä', 2048) } },
        { "scale ''", Sample.Task() with { Scale = "" } },
        { "scale '1280:720,drawtext=x'", Sample.Task() with { Scale = "1280:720,drawtext=x" } },
        { "vcodec 'av1'", Sample.Task() with { Vcodec = "av1" } },
        { "preset 'quick'", Sample.Task() with { Preset = "quick" } },
        { "crf 52 is outside 0 to 51", Sample.Task() with { Crf = 52 } },
        { "crf -1 is outside 0 to 51", Sample.Task() with { Crf = -1 } },
        { "vthreads 1025 is outside 0 to 1024", Sample.Task() with { Vthreads = 1025 } },
        { "fthreads -1 is outside 0 to 1024", Sample.Task() with { Fthreads = -1 } },
        { "cpu_units 65537 is outside 1 to 65536", Sample.Task() with { CpuUnits = 65537 } },
        { "cpu_units -1 is outside 1 to 65536", Sample.Task() with { CpuUnits = -1 } },
        { "cpuset '3-1'", Sample.Task() with { Cpuset = "3-1" } },
        { "cpu_quota 0 is outside", Sample.Task() with { CpuQuota = 0 } },
        { "cpu_quota NaN is outside", Sample.Task() with { CpuQuota = double.NaN } },
        { "cpu_weight 0 is outside 1 to 10000", Sample.Task() with { CpuWeight = 0 } },
        { "unit_name '-x'", Sample.Task() with { UnitName = "-x" } },
        { "unit_name 'a b'", Sample.Task() with { UnitName = "a b" } },
        { "trace_id 'x'", Sample.Task() with { TraceId = "x" } },
        { "profile '../x'", Sample.Task() with { Profile = "../x" } },
        { "duration_s", Sample.Task() with { DurationS = double.PositiveInfinity } },
        { "ts_enqueue", Sample.Task() with { TsEnqueue = -1 } },
        { "_seq", Sample.Task() with { Seq = -1 } },
    };

    [Theory]
    [MemberData(nameof(BadTasks))]
    public void A_hostile_task_is_refused(string fault, TaskSpec task)
    {
        var error = Assert.Throws<TracekitException>(task.Validate);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_fault_is_named_in_one_line()
    {
        var task = Sample.Task(seq: 4) with { Crf = 99, Preset = "a\nb", Output = "" };

        var error = Assert.Throws<TracekitException>(task.Validate);

        Assert.Equal(
            "task 4 refused: output is missing; preset 'a?b' is none of ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow, placebo; crf 99 is outside 0 to 51",
            error.Message);
    }

    private static TaskSpec Parse(string json) => TaskSpec.Parse(Encoding.UTF8.GetBytes(json), "q:pending");
}
