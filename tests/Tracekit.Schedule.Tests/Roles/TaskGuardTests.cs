namespace Tracekit.Schedule.Tests.Roles;

public sealed class TaskGuardTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("in/a.mp4", "out/b.mp4", true)]
    [InlineData("in/deep/a.mp4", "out/deep/b.mp4", true)]
    [InlineData("in/../secret.mp4", "out/b.mp4", false)]
    [InlineData("in/a.mp4", "out/../b.mp4", false)]
    [InlineData("in/a.mp4", "outside/b.mp4", false)]
    [InlineData("input/a.mp4", "out/b.mp4", false)]
    [InlineData("in/a.mp4", "out", false)]
    [InlineData("in/leads-out/a.mp4", "out/b.mp4", false)]
    [InlineData("in/a.mp4", "out/leads-out/b.mp4", false)]
    public void Inputs_and_outputs_stay_below_their_directories_also_through_links(string input, string output, bool mayRun)
    {
        foreach (var name in (string[])["in", "out"])
        {
            Directory.CreateDirectory(_directory.File(name));
            Directory.CreateSymbolicLink(_directory.File($"{name}/leads-out"), "/tmp");
        }

        var guard = new TaskGuard([], _directory.File("in"), _directory.File("out"));

        var fault = guard.FaultOf(Sample.Task() with { Input = _directory.File(input), Output = _directory.File(output) });

        Assert.Equal(mayRun, fault is null);
    }

    [Theory]
    [InlineData("sleep", true)]
    [InlineData("/bin/sleep", false)]
    [InlineData("sh", false)]
    public void A_command_names_an_allowed_program_just_so(string program, bool mayRun)
    {
        var guard = new TaskGuard(["sleep"], null, null);

        Assert.Equal(mayRun, guard.FaultOf(new TaskSpec { Command = [program, "1"] }) is null);
    }

    [Fact]
    public void An_ffmpeg_task_needs_no_permission() => Assert.Null(TaskGuard.None.FaultOf(Sample.Task()));
}
