using System.Text;
using Tracekit.Trace.Parse;

namespace Tracekit.Trace.Tests.Parse;

/// <summary>Files as a broken disk, another program or an enemy would leave them: bad lines are counted and skipped, nothing crashes.</summary>
public sealed class HostileInputTests
{
    public static TheoryData<string> BadEventLines =>
    [
        "not json",
        "[]",
        "null",
        "{\"pid\": \"7\"}",
        "{\"pid\": 0}",
        "{\"pid\": 99999999999999999999999}",
        "{\"ts_start\": -5}",
        "{\"ts_start\": 1e400}",
        "{\"ts_end\": 9223372036854775807}",
        "{\"cpu_time_ms\": \"NaN\"}",
        "{\"cpu_time_ms\": -1}",
        "{\"max_rss_kb\": -1}",
        "{\"trace_id\": \"\\ud800\"}",
        "{\"status\": 1e99}",
        "\0\0\0\0",
        new string('[', 10_000),
    ];

    [Theory]
    [MemberData(nameof(BadEventLines))]
    public void A_bad_line_among_the_events_is_counted_and_skipped(string line)
    {
        using var run = new TestRun().Event(line + "\n").Task(7, 0, 100).Start(7, 0).Exit(7, 100, 5);

        var result = run.Parse();

        Assert.Equal(1, result.Invocations);
        Assert.Equal(1, result.Audit.Files[0].BadLines);
        Assert.Equal(1, result.Audit.Files[0].FirstBadLine);
        Assert.Single(File.ReadAllLines(run.Node.Events));
    }

    [Fact]
    public void A_line_of_ten_megabytes_is_skipped_in_every_file()
    {
        var long10 = "{\"x\": \"" + new string('x', 10_000_000) + "\"}\n";
        using var run = new TestRun().Event(long10).Task(7, 0, 100, 0.000005).Start(7, 0).Line(long10).Exit(7, 100, 5);

        var result = run.Parse();

        Assert.Equal(1, result.Invocations);
        Assert.Equal(2, result.Windows);
        Assert.Equal(2, result.Audit.Totals.BadLines);
    }

    [Fact]
    public void Invalid_utf8_in_a_name_does_not_lose_the_run()
    {
        using var run = new TestRun().Task(7, 0, 100, 1).Write();
        var bytes = File.ReadAllBytes(run.Node.EventsOf("test"));
        bytes[Encoding.UTF8.GetString(bytes).IndexOf("ffmpeg", StringComparison.Ordinal)] = 0xff;
        File.WriteAllBytes(run.Node.EventsOf("more"), [.. bytes, .. Encoding.UTF8.GetBytes("{\"trace_id\": \"a\", \"pid\": 8, \"ts_enqueue\": 1, \"ts_start\": 2, \"ts_end\": 3}\n")]);

        var result = RunParser.Parse(run.Node, new ParseOptions());

        Assert.True(result.Invocations >= 2);
    }

    [Fact]
    public void Missing_fields_are_counted_and_only_what_cannot_stand_is_left_out()
    {
        using var run = new TestRun()
            .Event("{\"pid\": 8, \"ts_enqueue\": 1, \"ts_start\": 2, \"ts_end\": 3}\n")
            .Event("{\"trace_id\": \"t\", \"ts_enqueue\": 1, \"ts_start\": 2}\n")
            .Task(7, 0, 100);

        var result = run.Parse();

        Assert.Equal(3, result.Audit.Totals.Invocations);
        Assert.Equal(2, result.Invocations);
        Assert.Equal(2, result.Audit.Totals.InvocationsWithMissingFields);
        Assert.Equal(3, result.Audit.Totals.MissingFields);
        Assert.Equal(0.2, result.Audit.Totals.MissingFieldRate);
        Assert.Contains("trace t: no pid, ts_end", result.Audit.Findings.Single(f => f.Code == "missing_fields").Examples);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"cpu_cores\": \"two\"}")]
    [InlineData("{\"cpu_cores\": -1}")]
    [InlineData("{\"cpu_freq_mhz\": 2147483647}")]
    [InlineData("{\"mem_mb\": 9223372036854775807}")]
    public void A_node_description_that_is_none_is_refused_by_name(string text)
    {
        using var run = new TestRun();
        File.WriteAllText(run.Node.NodeMeta, text);

        var error = Assert.Throws<TraceFormatException>(() => run.Parse());

        Assert.StartsWith(run.Node.NodeMeta + ":", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Names_with_line_breaks_and_table_marks_stay_within_their_cell()
    {
        using var run = new TestRun().Event("{\"trace_id\": \"a|b\\n# c\", \"pid\": 8, \"ts_enqueue\": 9, \"ts_start\": 2, \"ts_end\": 3}\n");

        run.Parse();

        var report = File.ReadAllText(run.Node.Cts.AuditReport);
        Assert.Contains("a\\|b?# c", report, StringComparison.Ordinal);
        Assert.DoesNotContain("\n# c", report, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_bytes_in_any_file_never_crash_the_parser() => Seeds.ForAll(60, random =>
    {
        using var run = new TestRun().Task(7, 0, 100, 5).Task(8, 20, 90).Start(7, 0).Sample(7, 50, 3).Exit(7, 100, 5).Sample(8, 30, 1).Sample(8, 60, 2).Write();
        foreach (var file in (string[])[run.Node.EventsOf("test"), run.Node.ProcMetrics])
        {
            var bytes = File.ReadAllBytes(file);
            for (var i = random.Next(20); i > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            File.WriteAllBytes(file, bytes[..random.Next(bytes.Length)]);
        }

        RunParser.Parse(run.Node, new ParseOptions { Workers = 2 });
    });

    [Fact]
    public void A_cancelled_parse_leaves_no_half_files()
    {
        using var run = new TestRun().Task(7, 0, 100, 5).Start(7, 0).Exit(7, 100, 5).Write();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.Throws<OperationCanceledException>(() => RunParser.Parse(run.Node, new ParseOptions(), null, cancelled.Token));

        Assert.DoesNotContain(Directory.EnumerateFiles(run.Node.Cts.Path), f => f.EndsWith(".tmp", StringComparison.Ordinal));
        Assert.False(File.Exists(run.Node.Cts.ProcMetrics));
    }
}
