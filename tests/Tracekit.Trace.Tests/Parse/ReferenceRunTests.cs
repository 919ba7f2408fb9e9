using System.Text.Json.Nodes;
using Tracekit.Tests;

namespace Tracekit.Trace.Tests.Parse;

/// <summary>The run that the older Python Tracekit recorded: same values as its own parser, and its faults by name.</summary>
public sealed class ReferenceRunTests
{
    [Theory]
    [InlineData("invocations.jsonl")]
    [InlineData("proc_metrics.jsonl")]
    public void Cts_lines_have_the_values_of_the_older_parser_in_its_order(string file)
    {
        using var run = TestRun.Reference();

        run.Parse();

        var expected = Objects(Path.Combine(Repository.Shared, "reference-run", "CTS", file));
        var actual = Objects(Path.Combine(run.Node.Cts.Path, file));
        Assert.Equal(expected.Count, actual.Count);
        foreach (var (want, got) in expected.Zip(actual))
        {
            AssertHasAll(want, got);
        }
    }

    [Fact]
    public void Cts_nodes_are_those_of_the_older_parser()
    {
        using var run = TestRun.Reference();

        run.Parse();

        var expected = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Shared, "reference-run", "CTS", "nodes.json")));
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(File.ReadAllText(run.Node.Cts.Nodes))));
    }

    [Fact]
    public void Merged_events_are_the_raw_lines()
    {
        using var run = TestRun.Reference();

        run.Parse();

        Assert.Equal(File.ReadAllLines(run.Node.EventsOf("ffmpeg")), File.ReadAllLines(run.Node.Events));
    }

    [Fact]
    public void Audit_names_the_negative_wait_and_the_uncovered_time_of_each_task()
    {
        using var run = TestRun.Reference();

        var audit = run.Parse().Audit;

        Assert.Equal("Fail", audit.Verdict.ToString());
        Assert.Contains("-921 ms", Assert.Single(audit.Findings.Single(f => f.Code == "ts_order").Examples), StringComparison.Ordinal);
        var uncovered = audit.Findings.Single(f => f.Code == "uncovered_time");
        Assert.Collection(
            uncovered.Examples,
            e => Assert.Contains("pid 15466: 1136 of 4364 ms, 26.0 %", e, StringComparison.Ordinal),
            e => Assert.Contains("pid 15495: 1238 of 3651 ms, 33.9 %", e, StringComparison.Ordinal),
            e => Assert.Contains("pid 15527: 1278 of 13559 ms, 9.4 %", e, StringComparison.Ordinal));
        Assert.Equal(1, audit.Totals.PidMatchRate);
        var report = File.ReadAllText(run.Node.Cts.AuditReport);
        Assert.Contains("wait -921 ms", report, StringComparison.Ordinal);
        Assert.Contains("33.9 %", report, StringComparison.Ordinal);
    }

    [Fact]
    public void Parsing_twice_gives_the_same_files()
    {
        using var run = TestRun.Reference();

        run.Parse();
        var first = Directory.EnumerateFiles(run.Node.Cts.Path).Order(StringComparer.Ordinal).Select(File.ReadAllText).ToArray();
        run.Parse(workers: 1);
        var second = Directory.EnumerateFiles(run.Node.Cts.Path).Order(StringComparer.Ordinal).Select(File.ReadAllText).ToArray();

        Assert.Equal(first, second);
    }

    private static IReadOnlyList<JsonObject> Objects(string path) => [.. File.ReadLines(path).Select(l => JsonNode.Parse(l)!.AsObject())];

    private static void AssertHasAll(JsonObject expected, JsonObject actual)
    {
        foreach (var (name, value) in expected)
        {
            Assert.True(actual.ContainsKey(name), $"{name} is missing in {actual.ToJsonString()}");
            Assert.True(JsonNode.DeepEquals(value, actual[name]), $"{name}: {actual[name]} is not {value}");
        }
    }
}
