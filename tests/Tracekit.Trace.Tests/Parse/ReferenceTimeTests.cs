using System.Text.Json.Nodes;
using Tracekit.Trace.Audit;
using Tracekit.Trace.OpenDc;
using Tracekit.Trace.Parse;
using Tracekit.Trace.Tests.OpenDc;
using Tracekit.Trace.Verify;

namespace Tracekit.Trace.Tests.Parse;

/// <summary>Raw files are on their node's clock, the compact trace is on the reference clock.</summary>
public sealed class ReferenceTimeTests
{
    private const long Ms = 1_000_000;

    [Fact]
    public void The_same_run_with_another_clock_gives_the_same_trace_shifted() => Seeds.ForAll(40, random =>
    {
        var shiftMs = random.NextInt64(-100_000_000, 100_000_000);
        var errorMs = random.NextDouble() * Math.Abs(shiftMs) / 2;
        using var plain = new TestRun();
        using var shifted = new TestRun().Clock(shiftMs + (random.NextDouble() * 0.98) - 0.49, errorMs);
        for (var pid = 1; pid <= 5; pid++)
        {
            var life = RandomLife.Make(random, pid, TestRun.T0 + random.Next(1000));
            foreach (var sample in life.Samples)
            {
                plain.Sample(sample);
                shifted.Sample(sample);
            }

            plain.Task(pid, life.StartMs - TestRun.T0, life.EndMs - TestRun.T0, life.CpuNs / (double)Ms);
            shifted.Task(pid, life.StartMs - TestRun.T0, life.EndMs - TestRun.T0, life.CpuNs / (double)Ms);
        }

        var plainAudit = plain.Parse().Audit;
        var shiftedAudit = shifted.Parse().Audit;

        Assert.Equal(plain.Windows().Select(w => w with { TsMs = w.TsMs + shiftMs }), shifted.Windows());
        Assert.Equal(Times(plain).Select(t => (t.Enqueue + shiftMs, t.Start + shiftMs, t.End + shiftMs)), Times(shifted));
        Assert.Equal(plainAudit.Totals, shiftedAudit.Totals);
        Assert.Equal(shiftMs, Assert.Single(shiftedAudit.ClockShiftMs).Value);
        Assert.Equal(0, Assert.Single(plainAudit.ClockShiftMs).Value);
    });

    [Fact]
    public void Raw_files_stay_on_the_nodes_clock_and_a_second_parse_changes_nothing()
    {
        using var run = new TestRun().Clock(-5000.4, 0.2).Start(7, 0).Sample(7, 50, 3).Exit(7, 100, 5).Task(7, 0, 100, 0.000005);
        run.Parse();
        var first = Files(run);

        run.Parse(workers: 1);

        Assert.Equal(first, Files(run));
        Assert.Equal(File.ReadAllText(run.Node.EventsOf("test")), File.ReadAllText(run.Node.Events));
        Assert.Equal([-5000, -4950, -4900], run.Windows().Select(w => w.TsMs));
        Assert.Equal(-5000, JsonNode.Parse(File.ReadAllText(run.Node.Cts.Nodes))![0]!["clock_shift_ms"]!.GetValue<long>());
        Assert.Contains("| clock offset of n1 | -5000.4 ± 0.2 ms; times here and in the compact trace are shifted by -5000 ms |", File.ReadAllText(run.Node.Cts.AuditReport), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_whose_only_record_is_the_merged_file_is_shifted_once_however_often_it_is_parsed()
    {
        using var run = new TestRun().Clock(3000, 1).Start(7, 0).Exit(7, 100, 5).Task(7, 0, 100, 0.000005).Write();
        File.Move(run.Node.EventsOf("test"), run.Node.Events);
        var raw = File.ReadAllText(run.Node.Events);

        RunParser.Parse(run.Node, new ParseOptions());
        RunParser.Parse(run.Node, new ParseOptions());

        Assert.Equal(raw, File.ReadAllText(run.Node.Events));
        Assert.Equal([(TestRun.T0 + 2995, TestRun.T0 + 3000, TestRun.T0 + 3100)], Times(run));
    }

    [Fact]
    public void Nodes_whose_clocks_differ_line_up_in_the_export()
    {
        // What really happened: tasks were submitted at 1000, 1010 and 1020, and one that ran on b stood between two on a.
        const long BBehindMs = 7000;
        using var a = new TestRun("a");
        using var b = new TestRun("b").Clock(BBehindMs, 0.5);
        Ran(a, 11, 1000);
        Ran(b, 12, 1010 - BBehindMs);
        Ran(a, 13, 1020);
        a.Parse();
        b.Parse();

        OpenDcExporter.Export([a.Node, b.Node], a.Out, new ExportOptions());
        var first = Files(a.Out);
        OpenDcExporter.Export([a.Node, b.Node], a.Out, new ExportOptions());

        var workload = new Workload(a.Out);
        Assert.Equal([11, 12, 13], workload.Ids);
        Assert.Equal([TestRun.T0 + 1000, TestRun.T0 + 1010, TestRun.T0 + 1020], workload.Submissions);
        Assert.All(workload.Ids, id => Assert.Equal([(200, 1000.0), (200, 2000.0)], workload.Of(id)));
        Assert.Empty(OpenDcVerifier.Verify(a.Out).Faults);
        Assert.Equal(first, Files(a.Out));

        static void Ran(TestRun run, int pid, long submitted) => run
            .Start(pid, submitted + 5).Sample(pid, submitted + 205, 100 * Ms).Exit(pid, submitted + 405, 300 * Ms)
            .Task(pid, submitted + 5, submitted + 405, 300, ", \"cpu_children_ms\": 0");
    }

    [Theory]
    [InlineData(0.4, 0.5)]
    [InlineData(-300, 300)]
    [InlineData(0, 0)]
    public void An_offset_within_its_error_shifts_nothing(double offsetMs, double errorMs)
    {
        using var run = new TestRun().Clock(offsetMs, errorMs).Start(7, 0).Exit(7, 100, 5).Task(7, 0, 100, 0.000005);

        var audit = run.Parse().Audit;

        Assert.Equal([0, 100], run.Windows().Select(w => w.TsMs));
        Assert.Equal(0, audit.ClockShiftMs["n1"]);
        Assert.DoesNotContain("clock_shift_ms", File.ReadAllText(run.Node.Cts.Nodes), StringComparison.Ordinal);
    }

    [Fact]
    public void An_offset_beyond_the_interval_is_warned_of_and_applied()
    {
        using var run = new TestRun().Clock(-250.2, 0.3).Start(7, 0).Exit(7, 100, 5).Task(7, 0, 100, 0.000005);

        var audit = run.Parse().Audit;

        var finding = Assert.Single(audit.Findings);
        Assert.Equal(("clock_offset", AuditSeverity.Warn), (finding.Code, finding.Severity));
        Assert.Equal(
            "the clock of this node is 250.2 ms ahead of the reference clock (± 0.3 ms), more than the 200 ms between samples; the compact trace is shifted by -250 ms: set the clock (chrony, ntp)",
            finding.Message);
        Assert.Equal([-250, -150], run.Windows().Select(w => w.TsMs));
    }

    [Theory]
    [InlineData(", \"clock_offset_ms\": 1e300, \"clock_error_ms\": 1")]
    [InlineData(", \"clock_offset_ms\": -1e300, \"clock_error_ms\": 1")]
    [InlineData(", \"clock_offset_ms\": 1e999, \"clock_error_ms\": 1")]
    [InlineData(", \"clock_offset_ms\": \"NaN\", \"clock_error_ms\": 1")]
    [InlineData(", \"clock_offset_ms\": \"-Infinity\", \"clock_error_ms\": 1")]
    [InlineData(", \"clock_offset_ms\": 5000, \"clock_error_ms\": \"NaN\"")]
    [InlineData(", \"clock_offset_ms\": 5000, \"clock_error_ms\": -1")]
    [InlineData(", \"clock_offset_ms\": 5000, \"clock_error_ms\": 1e300")]
    [InlineData(", \"clock_offset_ms\": 5000, \"clock_error_ms\": null")]
    [InlineData(", \"clock_offset_ms\": 5000")]
    public void An_offset_that_is_no_measurement_is_told_and_shifts_nothing(string fields)
    {
        using var run = new TestRun().Meta(fields).Start(7, 0).Exit(7, 100, 5).Task(7, 0, 100, 0.000005);

        var audit = run.Parse().Audit;

        Assert.Equal("clock_offset_unusable", Assert.Single(audit.Findings).Code);
        Assert.Equal([0, 100], run.Windows().Select(w => w.TsMs));
        Assert.Null(audit.ClockOffsetMs["n1"]);
    }

    [Theory]
    [InlineData(", \"clock_offset_ms\": \"five\"")]
    [InlineData(", \"clock_offset_ms\": [5], \"clock_error_ms\": 1")]
    [InlineData(", \"clock_offset_ms\": 5, \"clock_error_ms\": {}")]
    public void An_offset_of_another_type_is_refused_like_any_other_field(string fields)
    {
        using var run = new TestRun().Meta(fields).Task(7, 0, 100);

        Assert.StartsWith(run.Node.NodeMeta + ":", Assert.Throws<TraceFormatException>(() => run.Parse()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_offset_or_null_is_no_fault()
    {
        using var run = new TestRun().Meta(", \"clock_offset_ms\": null, \"clock_error_ms\": null").Start(7, 0).Exit(7, 100, 5).Task(7, 0, 100, 0.000005);

        Assert.Empty(run.Parse().Audit.Findings);
    }

    [Theory]
    [InlineData(RunClock.LatestMs)]
    [InlineData(-RunClock.LatestMs)]
    public void Times_that_the_shift_takes_out_of_the_calendar_are_bad_lines(double offsetMs)
    {
        using var run = new TestRun().Clock(offsetMs, 0).Start(7, 0).Exit(7, 100, 5).Task(7, 0, 100, 5);

        var audit = run.Parse().Audit;

        Assert.Equal((3, 0, 0), (audit.Totals.BadLines, audit.Totals.Tasks, audit.Totals.Windows));
    }

    [Fact]
    public void A_node_that_booted_in_1970_is_brought_into_the_present()
    {
        using var run = new TestRun().Clock(TestRun.T0, 1)
            .Event("{\"trace_id\": \"0e0f2dbb-9f7c-4f8e-9d3f-0d0ed0c4a6a1\", \"pid\": 7, \"ts_enqueue\": -20, \"ts_start\": 50, \"ts_end\": 100, \"status\": 0}\n")
            .Sample(new ProcessSample(50, 7, 0, 0, 0, 0, 0, SampleKind.Start)).Sample(new ProcessSample(100, 7, 1, 0, 0, 5, 0, SampleKind.Exit));

        var audit = run.Parse().Audit;

        Assert.Equal(0, audit.Totals.BadLines);
        Assert.Equal([(TestRun.T0 - 20, TestRun.T0 + 50, TestRun.T0 + 100)], Times(run));
        Assert.Equal([50, 100], run.Windows().Select(w => w.TsMs));
    }

    [Theory]
    [InlineData(3, AuditSeverity.Info)]
    [InlineData(7_200_000, AuditSeverity.Warn)]
    public void Enqueue_times_that_had_to_be_moved_are_counted(long skewMs, AuditSeverity severity)
    {
        using var run = new TestRun().Start(7, 0).Exit(7, 100, 5).Task(7, 0, 100, 0.000005, $", \"enqueue_skew_ms\": {skewMs}", wait: 0);

        var finding = Assert.Single(run.Parse().Audit.Findings);

        Assert.Equal(("enqueue_skew", severity, 1), (finding.Code, finding.Severity, finding.Count));
        Assert.Contains($"by up to {skewMs} ms", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shifting_a_sample_allocates_nothing()
    {
        var reference = new ReferenceTime(-1234);
        var sample = new ProcessSample(TestRun.T0, 7, 0, 0, 0);
        reference.TryShift(ref sample);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 1000; i++)
        {
            reference.TryShift(ref sample);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(TestRun.T0 - (1001 * 1234), sample.TsMs);
    }

    private static (long Enqueue, long Start, long End)[] Times(TestRun run) =>
    [
        .. File.ReadLines(run.Node.Cts.Invocations).Select(l => JsonNode.Parse(l)!)
            .Select(i => (i["ts_enqueue"]!.GetValue<long>(), i["ts_start"]!.GetValue<long>(), i["ts_end"]!.GetValue<long>())),
    ];

    private static string[] Files(TestRun run) => [.. Files(run.Node.Cts.Path), File.ReadAllText(run.Node.Events), File.ReadAllText(run.Node.ProcMetrics)];

    private static string[] Files(string directory) =>
        [.. Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal).Select(f => Convert.ToHexString(File.ReadAllBytes(f)))];
}
