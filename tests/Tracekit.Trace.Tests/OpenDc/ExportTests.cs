using System.Text.Json.Nodes;
using Tracekit.Trace.OpenDc;
using Tracekit.Trace.Parse;
using Tracekit.Trace.Verify;

namespace Tracekit.Trace.Tests.OpenDc;

public sealed class ExportTests
{
    private const long Ms = 1_000_000;

    [Fact]
    public void An_exact_run_becomes_fragments_that_tile_and_conserve()
    {
        using var run = new TestRun(cores: 4, mhz: 2000)
            .Start(7, 0).Sample(7, 200, 150 * Ms, rss: 5000).Sample(7, 400, 550 * Ms).Exit(7, 450, 575 * Ms)
            .Task(7, 0, 450, 575, ", \"profile\": \"fast1080p\", \"cpu_units\": 2, \"max_rss_kb\": 6000, \"cpu_children_ms\": 0");
        run.Parse();

        var result = Export(run);

        var workload = new Workload(run.Out);
        Assert.Equal([(200, 1500), (200, 4000), (50, 1000)], workload.Of(7));
        Assert.Equal((7, "fast1080p a.mp4", TestRun.T0 - 5, 450, 2, 4000, 6000), (
            workload.Ids[0], workload.Names[0], workload.Submissions[0], workload.Durations[0], workload.CpuCounts[0], workload.Capacities[0], workload.Memories[0]));
        Assert.Equal(0, result.Gaps + result.GapMs + result.ZeroLengthTasks);
        Assert.Equal(0, result.SpreadChildrenCpuMs + result.MovedCpuMs + result.ForcedCpuMs);
        Assert.Equal(575, result.CpuMs);
        AssertSound(run.Out);
    }

    [Fact]
    public void The_reference_run_is_exported_with_its_gaps_named()
    {
        using var run = TestRun.Reference();
        run.Parse();

        var result = Export(run);

        var workload = new Workload(run.Out);
        Assert.Equal([15466, 15495, 15527], workload.Ids);
        Assert.Equal([4364, 3651, 13559], workload.Durations);
        Assert.Equal([2, 2, 2], workload.CpuCounts);
        Assert.Equal(1136 + 1238 + 1278, result.GapMs);
        Assert.Equal("ffmpeg gen_1280x720_10s.mp4", workload.Names[0]);
        Assert.Equal(TaskIdMode.Pid, result.TaskIdMode);
        AssertSound(run.Out);
    }

    [Fact]
    public void The_datacenter_joins_like_hosts()
    {
        using var a = new TestRun("a", cores: 4, mhz: 2000).Task(7, 0, 100, 5);
        using var b = new TestRun("b", cores: 4, mhz: 2000).Task(8, 0, 100, 5);
        using var c = new TestRun("c", cores: 8, mhz: 3000).Task(9, 0, 100, 5);
        a.Parse();
        b.Parse();
        c.Parse();

        OpenDcExporter.Export([a.Node, b.Node, c.Node], a.Out, new ExportOptions());

        var expected = JsonNode.Parse("""
            {"clusters":[{"name":"C01","hosts":[
              {"name":"H01","count":2,"cpu":{"coreCount":4,"coreSpeed":2000},"memory":{"memorySize":4294967296}},
              {"name":"H02","count":1,"cpu":{"coreCount":8,"coreSpeed":3000},"memory":{"memorySize":4294967296}}]}]}
            """);
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(File.ReadAllText(Path.Combine(a.Out, "small_datacenter.json")))));
        AssertSound(a.Out);
    }

    [Fact]
    public void A_childs_cpu_is_spread_over_the_time_it_was_used_in()
    {
        using var run = new TestRun(cores: 1, mhz: 1000).Start(7, 0);
        for (var t = 200; t < 2000; t += 200)
        {
            run.Sample(7, t, 0);
        }

        run.Exit(7, 2000, 0, 1000 * Ms).Task(7, 0, 2000, 1000, ", \"cpu_children_ms\": 1000").Parse();

        var result = Export(run);

        Assert.All(new Workload(run.Out).Of(7), f => Assert.Equal((200, 500), f));
        Assert.Equal(1000, result.SpreadChildrenCpuMs);
        AssertSound(run.Out);
    }

    [Fact]
    public void A_childs_cpu_that_fits_nowhere_since_the_last_child_goes_further_back()
    {
        using var run = new TestRun(cores: 1, mhz: 1000)
            .Start(7, 0).Sample(7, 200, 0).Sample(7, 400, 0, 110 * Ms).Exit(7, 600, 0, 400 * Ms)
            .Task(7, 0, 600, 400);
        run.Parse();

        Export(run);

        var workload = new Workload(run.Out);
        Assert.Equal([(200, 500), (200, 500), (200, 1000)], workload.Of(7));
    }

    [Fact]
    public void Own_cpu_beyond_the_cores_moves_to_the_neighbours()
    {
        using var run = new TestRun(cores: 1, mhz: 1000)
            .Start(7, 0).Sample(7, 200, 190 * Ms).Sample(7, 400, 420 * Ms).Exit(7, 600, 500 * Ms)
            .Task(7, 0, 600, 500, ", \"cpu_children_ms\": 0");
        run.Parse();

        var result = Export(run);

        var workload = new Workload(run.Out);
        Assert.Equal([(200, 1000), (200, 1000), (200, 500)], workload.Of(7));
        Assert.Equal(30, result.MovedCpuMs);
        Assert.Equal([1], workload.CpuCounts);
        AssertSound(run.Out);
    }

    [Fact]
    public void What_the_invocation_says_beyond_the_windows_goes_into_the_gaps()
    {
        using var run = new TestRun(cores: 2, mhz: 1000)
            .Sample(7, 100, 0).Sample(7, 300, 100 * Ms).Task(7, 0, 400, 160);
        run.Parse();

        var result = Export(run);

        Assert.Equal([(100, 300), (200, 500), (100, 300)], new Workload(run.Out).Of(7));
        Assert.Equal((2, 200, 60), (result.Gaps, result.GapMs, result.GapCpuMs));
        AssertSound(run.Out);
    }

    [Fact]
    public void What_the_first_sample_has_behind_it_goes_into_the_head()
    {
        using var run = new TestRun(cores: 2, mhz: 1000).Sample(7, 100, 40 * Ms).Sample(7, 300, 140 * Ms).Task(7, 0, 400);
        run.Parse();

        Export(run);

        Assert.Equal([(100, 400), (200, 500), (100, 0)], new Workload(run.Out).Of(7));
    }

    [Fact]
    public void A_task_without_samples_is_one_fragment_of_its_mean()
    {
        using var run = new TestRun(cores: 2, mhz: 1000).Task(7, 0, 400, 600).Task(8, 0, 100);
        run.Parse();

        Export(run);

        var workload = new Workload(run.Out);
        Assert.Equal([(400, 1500)], workload.Of(7));
        Assert.Equal([(100, 0)], workload.Of(8));
        AssertSound(run.Out);
    }

    [Fact]
    public void A_task_of_no_length_lasts_a_millisecond()
    {
        using var run = new TestRun().Task(7, 100, 100).Task(8, 100, 50);
        run.Parse();

        var result = Export(run);

        Assert.Equal(2, result.ZeroLengthTasks);
        Assert.Equal([1, 1], new Workload(run.Out).Durations);
        AssertSound(run.Out);
    }

    [Fact]
    public void Requests_of_one_server_share_its_cpu()
    {
        using var run = new TestRun(cores: 4, mhz: 1000)
            .Sample(9, 0, 0).Sample(9, 200, 60 * Ms).Sample(9, 400, 60 * Ms)
            .Task(9, 20, 50).Task(9, 100, 130);
        run.Parse();

        var result = Export(run);

        var workload = new Workload(run.Out);
        Assert.Equal(TaskIdMode.Sequential, result.TaskIdMode);
        Assert.Equal([(30, 1000)], workload.Of(1));
        Assert.Equal([(30, 1000)], workload.Of(2));
        AssertSound(run.Out);
    }

    [Fact]
    public void Pids_that_come_back_are_told_apart_by_time_and_numbered_by_submission()
    {
        using var run = new TestRun(cores: 1, mhz: 1000)
            .Start(7, 0).Exit(7, 100, 100 * Ms).Start(7, 100).Exit(7, 200, 50 * Ms)
            .Task(7, 100, 200, 50).Task(7, 0, 100, 100);
        run.Parse();

        var result = Export(run);

        var workload = new Workload(run.Out);
        Assert.Equal([(100, 1000)], workload.Of(1));
        Assert.Equal([(100, 500)], workload.Of(2));
        Assert.Equal(TaskIdMode.Sequential, result.TaskIdMode);
        var error = Assert.Throws<UsageException>(() => OpenDcExporter.Export([run.Node], run.Out, new ExportOptions { TaskIdMode = TaskIdMode.Pid }));
        Assert.Contains("pid 7 stands for two tasks on node n1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Windows_after_the_buffer_is_full_still_tile_and_conserve()
    {
        using var run = new TestRun(cores: 1, mhz: 1000).Start(7, 0);
        for (var t = 1; t <= 6000; t++)
        {
            run.Sample(7, t, 0);
        }

        run.Exit(7, 6001, 0, 1000 * Ms).Task(7, 0, 6001, 1000, ", \"cpu_children_ms\": 1000").Parse();

        var result = Export(run);

        Assert.Equal(1, result.SpreadsCutShort);
        Assert.Equal(1000, new Workload(run.Out).CpuMs(7, 1000), 6);
        AssertSound(run.Out);
    }

    [Fact]
    public void One_wild_time_stamp_does_not_end_the_other_tasks()
    {
        using var run = new TestRun(cores: 1, mhz: 1000)
            .Start(7, 0).Start(8, 0).Sample(8, 2_000_000_000_000, 1).Sample(7, 200, 100 * Ms).Exit(7, 400, 150 * Ms).Exit(8, 400, 50 * Ms)
            .Task(7, 0, 400, 150).Task(8, 0, 400, 50);
        run.Parse();

        var result = Export(run);

        Assert.Equal(0, result.LateWindows);
        Assert.Equal([(200, 500), (200, 250)], new Workload(run.Out).Of(7));
        Assert.Equal(50, new Workload(run.Out).CpuMs(8, 1000), 6);
        AssertSound(run.Out);
    }

    [Fact]
    public void An_empty_run_is_an_error_and_leaves_no_files()
    {
        using var run = new TestRun();
        run.Parse();

        var error = Assert.Throws<TracekitException>(() => Export(run));

        Assert.IsNotType<UsageException>(error);
        Assert.Contains("nothing to export", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run.Out));
    }

    [Fact]
    public void An_unparsed_run_says_what_to_do()
    {
        using var run = new TestRun();

        var error = Assert.Throws<UsageException>(() => Export(run));

        Assert.Contains($"tracekit parse {run.Node.Path}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_frequency_says_which_flag_gives_it()
    {
        using var run = new TestRun(mhz: 0).Task(7, 0, 100, 5);
        run.Parse();

        Assert.Contains("--cpu-freq-mhz", Assert.Throws<UsageException>(() => Export(run)).Message, StringComparison.Ordinal);

        OpenDcExporter.Export([run.Node], run.Out, new ExportOptions { CpuFreqMhz = 1500 });
        Assert.Equal([1500], new Workload(run.Out).Capacities);
    }

    [Fact]
    public void Random_bytes_in_the_compact_trace_never_crash_the_export() => Seeds.ForAll(60, random =>
    {
        using var run = new TestRun().Task(7, 0, 100, 5).Task(8, 20, 90).Start(7, 0).Sample(7, 50, 3).Exit(7, 100, 5).Sample(8, 30, 1).Sample(8, 60, 2);
        run.Parse();
        foreach (var file in (string[])[run.Node.Cts.Invocations, run.Node.Cts.ProcMetrics])
        {
            var bytes = File.ReadAllBytes(file);
            for (var i = random.Next(8); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)(random.Next(2) == 0 ? random.Next(256) : '0' + random.Next(10));
            }

            File.WriteAllBytes(file, bytes);
        }

        try
        {
            Export(run);
            AssertSound(run.Out);
        }
        catch (TracekitException e)
        {
            Assert.DoesNotContain('\n', e.Message);
        }
    });

    [Fact]
    public void Whatever_is_recorded_is_exported_tiled_conserved_and_within_capacity() => Seeds.ForAll(60, random =>
    {
        using var run = new TestRun(cores: 2, mhz: 2000);
        var lives = new Dictionary<int, RandomLife>();
        var samples = new List<ProcessSample>();
        for (var i = random.Next(1, 12); i > 0; i--)
        {
            var pid = 100 + i;
            var life = RandomLife.Make(random, pid, TestRun.T0 + random.Next(3000), cores: 2);
            lives.Add(pid, life);
            samples.AddRange(life.Samples);
            run.Task(pid, life.StartMs - TestRun.T0, life.EndMs - TestRun.T0, life.CpuNs / 1e6, Children(life, random));
        }

        foreach (var s in samples.OrderBy(s => s.TsMs))
        {
            run.Sample(s);
        }

        run.Parse(workers: random.Next(1, 4));
        var result = Export(run);

        var workload = new Workload(run.Out);
        Assert.Equal(0, result.Gaps);
        Assert.Equal(0, result.UnplacedCpuMs + result.OutsideCpuMs);
        Assert.True(result.ForcedCpuMs > 0 || result.TasksOverNodeCores == 0);
        for (var i = 0; i < workload.Ids.Length; i++)
        {
            var life = lives[workload.Ids[i]];
            Assert.Equal(life.EndMs - life.StartMs, workload.Of(life.Pid).Sum(f => f.DurationMs));
            Assert.Equal(life.CpuNs / 1e6, workload.CpuMs(life.Pid, 2000), 6);
        }

        AssertSound(run.Out);
    });

    private static string Children(RandomLife life, Random random) => random.Next(3) switch
    {
        0 => "",
        1 when life.ChildrenNs == 0 => ", \"cpu_children_ms\": 0",
        _ => $", \"cpu_children_ms\": {(life.ChildrenNs / 1e6).ToString("R", System.Globalization.CultureInfo.InvariantCulture)}",
    };

    private static ExportResult Export(TestRun run) => OpenDcExporter.Export([run.Node], run.Out, new ExportOptions { Workers = 2 });

    private static void AssertSound(string directory)
    {
        var result = OpenDcVerifier.Verify(directory);
        Assert.True(result.Ok, string.Join("; ", result.Faults.Select(f => $"{f.Code}: {string.Join(", ", f.Examples)}")));
        Assert.Empty(result.Faults);
    }
}
