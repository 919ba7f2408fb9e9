namespace Tracekit.EndToEnd;

/// <summary>What a person mistypes: one line that says what, where and what to do, and exit code 2, before anything is started.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public static TheoryData<string, string> Mistakes => new()
    {
        { "run", "--inputs: which videos?" },
        { "run --inputs nowhere", "nowhere: no such directory of inputs" },
        { "run --inputs empty", "no video in it" },
        { "run --inputs inputs --mix fast1080=1", "no profile 'fast1080'" },
        { "run --inputs inputs --mix light1c=x", "weight 'x' of light1c" },
        { "run --inputs inputs --total 0", "--total '0': give a whole number" },
        { "run --inputs inputs --total many", "--total 'many': give a whole number" },
        { "run --inputs inputs --seed -1", "--seed '-1': give a whole number" },
        { "run --inputs inputs --allocation-ratio 0", "--allocation-ratio '0': give a number" },
        { "run --inputs inputs --interval-ms 0", "--interval-ms '0': give a whole number" },
        { "run --inputs inputs --run-id ../etc", "run id '../etc'" },
        { "run --inputs inputs --run-id taken", "holds a run already" },
        { "run --inputs inputs --node-id a/b", "node id 'a/b'" },
        { "run --inputs inputs --stage moon", "stage 'moon'" },
        { "run --inputs inputs --weigher heavy", "--weigher 'heavy'" },
        { "run --inputs inputs --cpu-binding tight", "--cpu-binding 'tight'" },
        { "run --inputs inputs --policy best", "--policy 'best'" },
        { "run --inputs inputs --scale big", "scale" },
        { "run --inputs inputs --preset slowest", "preset" },
        { "run --inputs inputs --crf 99", "--crf '99'" },
        { "run --inputs inputs --profiles nowhere.yaml", "nowhere.yaml" },
        { "run --inputs inputs --capacity-units 2 --mix hevc1080p=1", "hevc1080p needs 4 units but the largest node offers 2" },
        { "run --inpts inputs", "--inpts" },
        { "exec", "Required argument" },
        { "exec --cpuset 3-1 -- true", "CPU set '3-1'" },
        { "exec --cgroup /nowhere -- true", "no control group there" },
        { "parse", "which run?" },
        { "parse nowhere", "nowhere: no such run directory" },
        { "parse empty", "node_meta.json" },
        { "export opendc", "--input: which run?" },
        { "export opendc --input taken", "tracekit parse" },
        { "export opendc --input taken --task-id-mode name", "--task-id-mode 'name'" },
        { "verify opendc", "--input: which workload?" },
        { "generate-inputs --count 0", "--count '0'" },
        { "generate-inputs --durations x", "--durations 'x'" },
        { "generate-inputs --size big", "--size 'big'" },
        { "frobnicate", "frobnicate" },
    };

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Is_told_in_one_line_with_exit_code_2(string command, string told)
    {
        Directory.CreateDirectory(_workspace.File("empty"));
        _workspace.Write("inputs/a.mp4", "not looked into");
        _workspace.Write("logs/taken/node_meta.json", "{\"node\":\"n\",\"cpu_cores\":2}");
        _workspace.Write("taken/node_meta.json", "{\"node\":\"n\",\"cpu_cores\":2}");

        var ended = _workspace.Tracekit.Run(command.Split(' '));

        Assert.Equal(2, ended.ExitCode);
        Assert.StartsWith("tracekit: ", ended.Error, StringComparison.Ordinal);
        Assert.Contains(told, ended.Error, StringComparison.Ordinal);
        Assert.Equal(1, ended.Error.Count(c => c == '\n'));
        Assert.Empty(ended.Output);
    }

    [Fact]
    public void A_missing_ffmpeg_is_told_with_how_to_get_it()
    {
        _workspace.Tracekit.Environment["PATH"] = "/nowhere";

        var ended = _workspace.Tracekit.Run("run", "--inputs", _workspace.Inputs(1));

        Assert.Equal(2, ended.ExitCode);
        Assert.Equal("tracekit: ffmpeg: no such program; install ffmpeg (Debian, Ubuntu: apt-get install ffmpeg)\n", ended.Error);
    }

    [Fact]
    public void A_bad_environment_variable_is_told_by_its_name()
    {
        _workspace.Tracekit.Environment["RUN_ID"] = "a b";

        var ended = _workspace.Tracekit.Run("exec", "--", "true");

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains("run id 'a b'", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unwritable_log_directory_is_a_failure_told_in_one_line()
    {
        var ended = _workspace.Tracekit.Run("run", "--inputs", _workspace.Inputs(1), "--logs", "/proc/nowhere", "--run-id", "r");

        Assert.Equal(1, ended.ExitCode);
        Assert.StartsWith("tracekit: /proc/nowhere/r/pids: cannot make the directory", ended.Error, StringComparison.Ordinal);
        Assert.Equal(1, ended.Error.Count(c => c == '\n'));
    }

    [Fact]
    public void A_corrupt_parquet_file_is_told_with_its_name_and_offset()
    {
        _workspace.Write("exported/tasks.parquet", "PAR1 but nothing more PAR1");
        _workspace.Write("exported/fragments.parquet", "PAR1");

        var ended = _workspace.Tracekit.Run("verify", "opendc", "--input", "exported");

        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("tasks.parquet", ended.Error, StringComparison.Ordinal);
        Assert.Equal(1, ended.Error.Count(c => c == '\n'));
    }

    [Theory]
    [InlineData("")]
    [InlineData("run")]
    [InlineData("exec")]
    [InlineData("parse")]
    [InlineData("export opendc")]
    [InlineData("verify opendc")]
    [InlineData("generate-inputs")]
    public void Every_command_has_help(string command)
    {
        string[] words = command.Length == 0 ? [] : command.Split(' ');

        var ended = _workspace.Tracekit.Succeed([.. words, "--help"]);

        Assert.Contains("Usage:", ended.Output, StringComparison.Ordinal);
        Assert.Contains(command.Length == 0 ? "Commands:" : $"Examples:\n  tracekit {command}", ended.Output, StringComparison.Ordinal);
    }
}
