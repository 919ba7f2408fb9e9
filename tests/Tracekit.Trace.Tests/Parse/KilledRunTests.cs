using Tracekit.Trace.Audit;

namespace Tracekit.Trace.Tests.Parse;

/// <summary>What a run leaves behind when it is killed at any instruction.</summary>
public sealed class KilledRunTests
{
    private const long Ms = 1_000_000;

    [Fact]
    public void Nothing_but_the_node_description_still_gives_a_report()
    {
        using var run = new TestRun();

        var result = run.Parse();

        Assert.Equal(0, result.Invocations);
        Assert.Equal(AuditVerdict.Fail, result.Audit.Verdict);
        Assert.Equal(["no_invocations", "no_samples"], result.Audit.Findings.Select(f => f.Code));
        Assert.True(File.Exists(run.Node.Cts.Invocations));
        Assert.True(File.Exists(run.Node.Cts.ProcMetrics));
    }

    [Fact]
    public void A_task_that_was_running_is_unfinished()
    {
        using var run = new TestRun().Start(7, 0).Exit(7, 100, 1).Start(8, 0).Sample(8, 200, 5 * Ms).Task(7, 0, 100, 0.000001);
        Directory.CreateDirectory(run.Node.Pids);
        File.WriteAllText(Path.Combine(run.Node.Pids, "8"), "");

        var audit = run.Parse().Audit;

        Assert.Equal(1, audit.Totals.UnfinishedTasks);
        Assert.Equal("pid 8, started at 1700000000000", Assert.Single(audit.Findings.Single(f => f.Code == "unfinished_tasks").Examples));
        Assert.Equal("pid 8", Assert.Single(audit.Findings.Single(f => f.Code == "sentinels_left").Examples));
        Assert.Equal(AuditVerdict.Warn, audit.Verdict);
    }

    [Fact]
    public void Torn_tails_are_forgiven()
    {
        using var run = new TestRun().Start(7, 0).Exit(7, 100, 1).Line("{\"ts_ms\": 17000").Task(7, 0, 100, 0.000001).Event("{\"trace_id\": \"x");

        var audit = run.Parse().Audit;

        Assert.Equal(2, audit.Totals.TornTails);
        Assert.Equal(0, audit.Totals.BadLines);
        Assert.Equal(AuditVerdict.Pass, audit.Verdict);
    }

    [Fact]
    public void Events_without_samples_are_still_tasks()
    {
        using var run = new TestRun().Task(7, 0, 100, 50);

        var result = run.Parse();

        Assert.Equal(1, result.Invocations);
        Assert.Equal("no_samples", Assert.Single(result.Audit.Findings).Code);
    }

    [Fact]
    public void Where_events_jsonl_is_the_only_source_it_is_read_and_left_alone()
    {
        using var run = new TestRun().Task(8, 50, 100).Task(7, 0, 100).Event("not json\n").Write();
        File.Move(run.Node.EventsOf("test"), run.Node.Events);
        var before = File.ReadAllText(run.Node.Events);

        var result = Trace.Parse.RunParser.Parse(run.Node, new Trace.Parse.ParseOptions());

        Assert.Equal(2, result.Invocations);
        Assert.Equal(before, File.ReadAllText(run.Node.Events));
        Assert.Contains("\"pid\":7", File.ReadLines(run.Node.Cts.Invocations).First(), StringComparison.Ordinal);
    }
}
