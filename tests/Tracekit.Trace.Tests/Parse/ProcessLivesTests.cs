using Tracekit.Trace.Parse;

namespace Tracekit.Trace.Tests.Parse;

public sealed class ProcessLivesTests
{
    private const long TickNs = 10_000_000;

    [Fact]
    public void Windows_of_a_life_tile_it_and_add_up_to_its_exit_to_the_nanosecond() => Seeds.ForAll(500, random =>
    {
        var life = RandomLife.Make(random, pid: 7, startMs: 1000);
        var lives = new ProcessLives(TickNs);

        var windows = new List<CpuWindow>();
        foreach (var sample in life.Samples)
        {
            if (lives.Next(sample, out var window))
            {
                windows.Add(window);
            }
        }

        Assert.Equal(life.EndMs - 1000, windows.Sum(w => w.DtMs));
        Assert.Equal(life.CpuNs, windows.Sum(w => w.CpuNs));
        Assert.All(windows, w => Assert.True(w.CpuNs >= 0 && w.ChildrenCpuNs >= 0 && w.ChildrenCpuNs <= w.CpuNs && w.DtMs >= 0));
        var at = 1000L;
        foreach (var window in windows)
        {
            Assert.Equal(at, window.TsMs - window.DtMs);
            at = window.TsMs;
        }
    });

    [Fact]
    public void Memory_of_exits_is_bounded_and_late_lines_are_still_known()
    {
        var lives = new ProcessLives(TickNs);
        for (var i = 1; i <= 2 * ProcessLives.MaxRememberedExits; i++)
        {
            lives.Next(new ProcessSample(i, i, 0, 0, 0, 0, 0, SampleKind.Start), out _);
            lives.Next(new ProcessSample(i + 10, i, 0, 0, 0, 5, 0, SampleKind.Exit), out _);
        }

        Assert.False(lives.Next(new ProcessSample((2 * ProcessLives.MaxRememberedExits) + 5, 2 * ProcessLives.MaxRememberedExits, 0, 0, 0, 3), out _));
        Assert.Equal(1, lives.Faults.Late);
        Assert.Equal(0, lives.Faults.Forgotten);
    }

    [Fact]
    public void Too_many_open_lives_are_dropped_and_counted()
    {
        var lives = new ProcessLives(TickNs);
        for (var i = 1; i <= ProcessLives.MaxOpenLives + ProcessLives.MaxRememberedExits + 1; i++)
        {
            lives.Next(new ProcessSample(i, i, 0, 0, 0, 0), out _);
        }

        Assert.True(lives.Faults.Forgotten > 0);
    }
}
