using Tracekit.Trace.Audit;

namespace Tracekit.Trace.Tests.Parse;

/// <summary>Runs as our own launcher and collector write them: a start line, ticks in nanoseconds, an exit line.</summary>
public sealed class ExactRunTests
{
    private const long Ms = 1_000_000;

    [Fact]
    public void Windows_tile_the_task_and_add_up_to_its_cpu_time()
    {
        using var run = new TestRun()
            .Start(7, 0).Sample(7, 200, 150_000_001).Sample(7, 400, 350_000_002).Exit(7, 431, 361_234_567)
            .Task(7, 0, 431, 361.234567);

        var audit = run.Parse().Audit;

        Assert.Equal(
            [
                new CpuWindow(0, 7, 0, 0, 0, Kind: SampleKind.Start),
                new CpuWindow(200, 7, 200, 150_000_001, 100),
                new CpuWindow(400, 7, 200, 200_000_001, 100),
                new CpuWindow(431, 7, 31, 11_234_565, 900, Kind: SampleKind.Exit),
            ],
            run.Windows());
        Assert.Equal(AuditVerdict.Pass, audit.Verdict);
        Assert.Equal(1, audit.Totals.Coverage);
        Assert.Equal(0, audit.Totals.CpuErrorMs);
        Assert.Empty(audit.Findings);
    }

    [Fact]
    public void Children_cpu_is_exact_at_the_exit_even_where_a_tick_said_more()
    {
        using var run = new TestRun()
            .Start(7, 0).Sample(7, 200, 1 * Ms, 50 * Ms).Exit(7, 300, 2 * Ms, 49_999_999)
            .Task(7, 0, 300, 51.999999);

        var audit = run.Parse().Audit;

        var windows = run.Windows();
        Assert.Equal([0, 41 * Ms, 10_999_999], windows.Select(w => w.CpuNs));
        Assert.Equal([0, 40 * Ms, 9_999_999], windows.Select(w => w.ChildrenCpuNs));
        Assert.Equal(0, audit.Totals.CpuErrorMs);
        Assert.Equal(AuditVerdict.Pass, audit.Verdict);
        Assert.Equal("children_cpu", Assert.Single(audit.Findings).Code);
        Assert.Contains("`info` **children_cpu**", File.ReadAllText(run.Node.Cts.AuditReport), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pid_that_comes_back_begins_a_new_life()
    {
        using var run = new TestRun()
            .Start(7, 0).Exit(7, 100, 90 * Ms).Start(7, 100).Sample(7, 200, 95 * Ms).Exit(7, 300, 99 * Ms)
            .Task(7, 0, 100, 90).Task(7, 100, 300, 99);

        var audit = run.Parse().Audit;

        Assert.Equal([0, 90 * Ms, 0, 95 * Ms, 4 * Ms], run.Windows().Select(w => w.CpuNs));
        Assert.Equal(2, audit.Totals.ProcessLives);
        Assert.Equal(AuditVerdict.Pass, audit.Verdict);
        Assert.Equal(0, audit.Totals.CpuErrorMs);
    }

    [Fact]
    public void A_counter_that_goes_back_begins_a_new_life_and_is_counted()
    {
        using var run = new TestRun().Sample(7, 0, 50 * Ms).Sample(7, 200, 90 * Ms).Sample(7, 400, 10 * Ms).Sample(7, 600, 15 * Ms).Task(7, 0, 600);

        var audit = run.Parse().Audit;

        Assert.Equal(
            [(0, 0, 50 * Ms), (200, 40 * Ms, 0), (0, 0, 10 * Ms), (200, 5 * Ms, 0)],
            run.Windows().Select(w => (w.DtMs, w.CpuNs, w.CpuBeforeNs)));
        Assert.Equal(1, audit.Totals.LivesRestarted);
        Assert.Equal("lives_restarted", audit.Findings[0].Code);
    }

    [Fact]
    public void A_tick_that_arrives_after_the_exit_is_dropped_and_counted()
    {
        using var run = new TestRun().Start(7, 0).Exit(7, 300, 200 * Ms).Sample(7, 200, 150 * Ms).Task(7, 0, 300, 200);

        var audit = run.Parse().Audit;

        Assert.Equal([0, 200 * Ms], run.Windows().Select(w => w.CpuNs));
        Assert.Equal(1, audit.Totals.LateSamples);
        Assert.Equal(AuditVerdict.Pass, audit.Verdict);
    }

    [Fact]
    public void A_late_tick_of_the_life_before_does_not_disturb_the_next_one()
    {
        using var run = new TestRun().Start(7, 0).Exit(7, 300, 200 * Ms).Start(7, 300).Sample(7, 200, 150 * Ms).Exit(7, 400, 1 * Ms).Task(7, 0, 300, 200).Task(7, 300, 400, 1);

        var audit = run.Parse().Audit;

        Assert.Equal([0, 200 * Ms, 0, 1 * Ms], run.Windows().Select(w => w.CpuNs));
        Assert.Equal(AuditVerdict.Pass, audit.Verdict);
    }

    [Fact]
    public void A_sample_that_is_not_later_is_skipped_and_its_cpu_is_in_the_next_window()
    {
        using var run = new TestRun().Start(7, 0).Sample(7, 200, 20 * Ms).Sample(7, 199, 30 * Ms).Exit(7, 400, 40 * Ms).Task(7, 0, 400, 40);

        var audit = run.Parse().Audit;

        Assert.Equal([0, 20 * Ms, 20 * Ms], run.Windows().Select(w => w.CpuNs));
        Assert.Equal(1, audit.Totals.TsNotIncreasing);
        Assert.Equal(AuditVerdict.Warn, audit.Verdict);
    }

    [Fact]
    public void Ticks_in_the_millisecond_of_start_or_exit_are_no_fault()
    {
        using var run = new TestRun().Start(7, 0).Sample(7, 0, 1 * Ms).Sample(7, 300, 20 * Ms).Exit(7, 300, 21 * Ms).Task(7, 0, 300, 21);

        var audit = run.Parse().Audit;

        Assert.Equal([(0, 0), (300, 20 * Ms), (0, 1 * Ms)], run.Windows().Select(w => (w.DtMs, w.CpuNs)));
        Assert.Equal(AuditVerdict.Pass, audit.Verdict);
        Assert.Equal(0, audit.Totals.CpuErrorMs);
    }

    [Fact]
    public void Samples_without_nanoseconds_use_ticks_and_the_exit_settles_the_account()
    {
        using var run = new TestRun()
            .Start(7, 0)
            .Line($$"""{"ts_ms": {{TestRun.T0 + 200}}, "pid": 7, "rss_kb": 5, "utime": 10, "stime": 5}""" + "\n")
            .Exit(7, 300, 162_345_678)
            .Task(7, 0, 300, 162.345678);

        var audit = run.Parse().Audit;

        Assert.Equal([0, 150 * Ms, 12_345_678], run.Windows().Select(w => w.CpuNs));
        Assert.Equal(0, audit.Totals.CpuErrorMs);
    }

    [Fact]
    public void A_task_that_never_became_a_process_is_no_fault_of_the_trace()
    {
        using var run = new TestRun()
            .Event("{\"trace_id\": \"t\", \"ts_enqueue\": 1, \"ts_start\": 1, \"ts_end\": 1, \"pid\": null, \"status\": 127, \"error\": \"/no: no such program\"}\n")
            .Start(7, 0).Exit(7, 300, 21 * Ms).Task(7, 0, 300, 21);

        var result = run.Parse();

        Assert.Equal(1, result.Invocations);
        Assert.Equal(AuditVerdict.Pass, result.Audit.Verdict);
        Assert.Equal(("not_started", "/no: no such program"), (result.Audit.Findings[0].Code, result.Audit.Findings[0].Examples[0]));
    }
}
