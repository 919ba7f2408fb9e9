using System.Text.Json;

namespace Tracekit.Trace.Tests.Cctf;

/// <summary>What <c>parse</c> writes beside the compact trace.</summary>
public sealed class WideTraceTests
{
    private const long Ms = 1_000_000;
    private const string Resource = """{"ts_ms": 1700000000100, "cpu_util": 12.5, "of_a_later_release": {"ts_ms": 1}}""";

    [Fact]
    public void Every_file_of_a_small_run_is_as_written_here()
    {
        using var run = Whole();

        run.Parse();

        var cctf = run.Node.Cctf;
        Assert.Equal(
            [
                "host_metrics.jsonl", "invocations.jsonl", "link_metrics.jsonl", "links.json", "module_inventory.json", "nodes.json",
                "placement_events.jsonl", "proc_cpu.jsonl", "proc_metrics.jsonl", "proc_rss.jsonl", "run_meta.json", "system_stats.jsonl",
            ],
            Directory.EnumerateFiles(cctf.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Same("""[{"node_id":"n1","stage":"cloud","host":"h","iface":null,"cpu_cores":4,"mem_mb":4096,"cpu_model":"m","cpu_freq_mhz":2000}]""", cctf.Nodes);
        Same("""[{"u":"n1","v":"n1.net","iface":"eth0","BW_bps":1000000000,"PR_s":null}]""", cctf.Links);
        Same("""{"run_id":"r1","rate":40,"workers":2}""", cctf.RunMeta);
        Same("""[{"app_id":"a","module_id":"m","name":"M","type":"MODULE","resources":null}]""", cctf.ModuleInventory);
        Assert.Equal(
            """{"ts_ms": 1700000000100, "cpu_util": 12.5, "of_a_later_release": {"ts_ms": 1}, "node": "n1", "stage": "cloud"}""" + "\n"
            + """{"ts_ms": 1700000000100, "mem_free_mb": 900, "node": "n1", "stage": "cloud"}""" + "\n",
            File.ReadAllText(cctf.HostMetrics));
        Assert.Equal(
            """{"ts_ms": 1700000000100, "link": "n1.nic", "rx_Bps": 5, "tx_Bps": 6, "node": "n1", "stage": "cloud"}""" + "\n", File.ReadAllText(cctf.LinkMetrics));
        Assert.Equal(
            """{"ts": 1700000000000, "app_id": "a", "module_id": "m", "instance_id": "i", "node_id": "n1", "event": "start", "stage": "edge", "node": "n1"}""" + "\n",
            File.ReadAllText(cctf.PlacementEvents));
        Assert.Equal(
            """{"ts_ms": 1700000000000, "node": "n1", "stage": "cloud", "metric": "in_flight", "value": 3, "instance_id": null}""" + "\n",
            File.ReadAllText(cctf.SystemStats));
        Assert.Equal(File.ReadAllText(run.Node.ProcMetrics), File.ReadAllText(cctf.ProcMetrics));
        Assert.Equal(
            """
            {"ts_ms": 1700000000000, "pid": 7, "cpu_ms": 0}
            {"ts_ms": 1700000000200, "pid": 7, "cpu_ms": 150.000001}
            {"ts_ms": 1700000000231, "pid": 7, "cpu_ms": 11.234566}

            """,
            File.ReadAllText(cctf.ProcCpu));
        Assert.Equal(
            """
            {"ts_ms": 1700000000000, "pid": 7, "rss_kb": 0}
            {"ts_ms": 1700000000200, "pid": 7, "rss_kb": 100}
            {"ts_ms": 1700000000231, "pid": 7, "rss_kb": 900, "kind": "exit"}

            """,
            File.ReadAllText(cctf.ProcRss));
        var invocation = Assert.Single(File.ReadLines(cctf.Invocations));
        Assert.Equal(File.ReadLines(run.Node.Events).Single()[..^1] + """, "stage": "cloud"}""", invocation);
        Assert.Contains("\"of_a_later_release\": [1]", invocation, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_time_is_shifted_once_and_nothing_else_is()
    {
        using var plain = Whole();
        using var behind = Whole().Clock(1000.4, 1);

        plain.Parse();
        behind.Parse();
        behind.Parse();

        foreach (var (expected, actual) in plain.Node.Cctf.RecordFiles.Zip(behind.Node.Cctf.RecordFiles))
        {
            var lines = File.ReadAllLines(expected);
            Assert.NotEmpty(lines);
            Assert.Equal(lines.Select(l => Shifted(l, 1000)), File.ReadAllLines(actual).Select(l => Shifted(l, 0)));
        }

        using var nodes = JsonDocument.Parse(File.ReadAllText(behind.Node.Cctf.Nodes));
        Assert.Equal(1000, nodes.RootElement[0].GetProperty("clock_shift_ms").GetInt64());
    }

    [Fact]
    public void Parsing_again_gives_the_same_bytes_whatever_the_number_of_threads()
    {
        using var run = Whole();

        run.Parse(1);
        var first = Directory.EnumerateFiles(run.Node.Cctf.Path).Order().Select(f => (f, File.ReadAllText(f))).ToList();
        run.Parse(5);

        Assert.Equal(first, Directory.EnumerateFiles(run.Node.Cctf.Path).Order().Select(f => (f, File.ReadAllText(f))));
    }

    [Fact]
    public void What_the_run_does_not_have_has_no_file_also_not_from_before()
    {
        using var run = Whole();
        run.Parse();
        foreach (var gone in (string[])[run.Node.Resources, run.Node.Links, run.Node.LinkMeta, run.Node.RunMeta, run.Node.ModuleInventory,
            run.Node.PlacementEvents, run.Node.SystemStats, run.Node.ProcMetrics, run.Node.Events, run.Node.EventsOf("test")])
        {
            File.Delete(gone);
        }

        Trace.Parse.RunParser.Parse(run.Node, new Trace.Parse.ParseOptions());

        Assert.Equal(["nodes.json"], Directory.EnumerateFiles(run.Node.Cctf.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void Samples_can_be_left_out_of_it_and_nothing_else_changes()
    {
        using var run = Whole();
        run.Parse();
        var windows = File.ReadAllText(run.Node.Cts.ProcMetrics);

        Trace.Parse.RunParser.Parse(run.Node, new Trace.Parse.ParseOptions { WideSamples = false });

        Assert.Equal(windows, File.ReadAllText(run.Node.Cts.ProcMetrics));
        Assert.Equal(9, Directory.GetFiles(run.Node.Cctf.Path).Length);
        Assert.DoesNotContain(Directory.GetFiles(run.Node.Cctf.Path), f => Path.GetFileName(f).StartsWith("proc_", StringComparison.Ordinal));
    }

    [Fact]
    public void Bad_lines_are_counted_torn_tails_forgiven_and_no_json_is_no_document()
    {
        using var run = Whole();
        File.AppendAllText(run.Node.Resources, "not json\n[1]\n{\"ts_ms\": -5}\n{\"ts_ms\": 1e300}\n" + new string('x', 2_000_000) + "\n" + Resource + "\n{\"ts_ms\": 17");
        File.WriteAllText(run.Node.RunMeta, "{\"rate\": ");
        File.WriteAllBytes(run.Node.SystemStats, [.. "{\"ts_ms\": 1700000000000, \"metric\": \""u8, 0xff, .. "\"}\n"u8]);

        var audit = run.Parse().Audit;

        var resources = Assert.Single(audit.Files, f => f.File == "resources.jsonl");
        Assert.Equal((3, 5, 3, true), (resources.Lines, resources.BadLines, resources.FirstBadLine, resources.TornTail));
        Assert.Equal(1, Assert.Single(audit.Files, f => f.File == "run_meta.json").BadLines);
        Assert.Equal(6, audit.Findings.Single(f => f.Code == "bad_lines").Count);
        Assert.Equal(3, File.ReadAllLines(run.Node.Cctf.HostMetrics).Length);
        Assert.False(File.Exists(run.Node.Cctf.RunMeta));
        Assert.Contains("\"metric\": \"\ufffd\"", File.ReadAllText(run.Node.Cctf.SystemStats), StringComparison.Ordinal);
    }

    [Fact]
    public void Samples_of_another_program_are_shifted_byte_by_byte()
    {
        using var run = new TestRun().Clock(-500, 1)
            .Line("""{ "pid":7,"utime":1,"stime":2,"rss_kb":5, "x":{"ts_ms":9}, "ts_ms":1700000000900 }""" + "\r\n")
            .Line("{\"ts_ms\": \"no\"}\n");

        run.Parse();

        Assert.Equal("""{ "pid":7,"utime":1,"stime":2,"rss_kb":5, "x":{"ts_ms":9}, "ts_ms":1700000000400 }""" + "\n", File.ReadAllText(run.Node.Cctf.ProcMetrics));
    }

    [Fact]
    public void Records_without_a_node_get_it_and_nulls_are_filled()
    {
        using var run = new TestRun(node: "a\\\"b");
        File.WriteAllText(run.Node.Resources, "{}\n{\"stage\": null, \"ts_ms\": 1700000000000, \"node\": null}\n{\"node\": \"other\", \"stage\": 5}\n");

        run.Parse();

        Assert.Equal(
            [
                """{"node": "a\u0022b", "stage": "cloud"}""",
                """{"stage": "cloud", "ts_ms": 1700000000000, "node": "a\u0022b"}""",
                """{"node": "other", "stage": 5}""",
            ],
            File.ReadAllLines(run.Node.Cctf.HostMetrics));
    }

    /// <summary>A run that has everything.</summary>
    private static TestRun Whole()
    {
        var run = new TestRun()
            .Start(7, 0).Sample(7, 200, 150_000_001).Exit(7, 231, 161 * Ms + 234_567)
            .Task(7, 0, 231, 161.234567, more: ", \"of_a_later_release\": [1]");
        File.WriteAllText(run.Node.Resources, Resource + "\n{\"ts_ms\": 1700000000100, \"mem_free_mb\": 900}\n");
        File.WriteAllText(run.Node.Links, """{"ts_ms": 1700000000100, "link": "n1.nic", "rx_Bps": 5, "tx_Bps": 6}""" + "\n");
        File.WriteAllText(run.Node.LinkMeta, """{"iface": "eth0", "BW_bps": 1000000000, "PR_s": null}""");
        File.WriteAllText(run.Node.RunMeta, """{"run_id": "r1", "rate": 40, "workers": 2}""");
        File.WriteAllText(run.Node.ModuleInventory, """[{"app_id": "a", "module_id": "m", "name": "M", "type": "MODULE", "resources": null}]""");
        File.WriteAllText(
            run.Node.PlacementEvents,
            """{"ts": 1700000000000, "app_id": "a", "module_id": "m", "instance_id": "i", "node_id": "n1", "event": "start", "stage": "edge"}""" + "\n");
        File.WriteAllText(
            run.Node.SystemStats,
            """{"ts_ms": 1700000000000, "node": "n1", "stage": "cloud", "metric": "in_flight", "value": 3, "instance_id": null}""" + "\n");
        return run;
    }

    private static void Same(string expected, string file)
    {
        using var a = JsonDocument.Parse(expected);
        using var b = JsonDocument.Parse(File.ReadAllText(file));
        Assert.True(JsonElement.DeepEquals(a.RootElement, b.RootElement), File.ReadAllText(file));
    }

    /// <summary>The line with <paramref name="shiftMs"/> added to its times, and without the trace id, which every run makes anew.</summary>
    private static string Shifted(string line, long shiftMs) => string.Join(", ", line.Trim('{', '}').Split(", ")
        .Where(f => !f.StartsWith("\"trace_id\"", StringComparison.Ordinal))
        .Select(f => f.Split(": ") is [['"', 't', 's', ..] name, var value] && long.TryParse(value, out var ms) ? $"{name}: {ms + shiftMs}" : f));
}
