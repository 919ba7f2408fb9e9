using System.Text.Json;
using Tracekit.Model;

namespace Tracekit.EndToEnd;

/// <summary>The runs of two nodes: traced, merged, exported, verified.</summary>
public sealed class MergeTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void Two_nodes_become_one_run_that_exports_and_verifies()
    {
        foreach (var node in (string[])["cloud1", "cloud2"])
        {
            foreach (var _ in (int[])[1, 2])
            {
                _workspace.Tracekit.Succeed(
                    "exec", "--logs", node, "--run-id", "r", "--node-id", node, "--cpu-freq-mhz", "2000", "--interval-ms", "50", "--", "sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done");
            }
        }

        _workspace.Write("cloud1/r/resources.jsonl", "{\"ts_ms\": 1700000000000, \"cpu_util\": 5}\n");
        _workspace.Tracekit.Succeed("parse", "cloud1/r");

        var merged = _workspace.Tracekit.Succeed("merge", "cloud1/r", "cloud2/r", "--output", "merged");

        Assert.StartsWith("run r: 2 nodes", merged.Output, StringComparison.Ordinal);
        var unified = new CctfDirectory(_workspace.File("merged/unified_cctf/r"));
        var invocations = Records(unified.Invocations);
        Assert.Equal(["cloud1", "cloud1", "cloud2", "cloud2"], invocations.Select(i => i.GetProperty("node").GetString()));
        Assert.All(unified.RecordFiles.Where(File.Exists), file =>
        {
            var times = Records(file).Select(r => r.GetProperty(file == unified.Invocations ? "ts_start" : "ts_ms").GetInt64()).ToList();
            Assert.Equal(times.Order(), times);
            Assert.All(Records(file), r => Assert.Contains(r.GetProperty("node").GetString(), (string[])["cloud1", "cloud2"]));
        });
        var cpuMs = invocations.Sum(i => i.GetProperty("cpu_time_ms").GetDouble());
        Assert.Equal(cpuMs, Records(unified.ProcCpu).Sum(r => r.GetProperty("cpu_ms").GetDouble()), 3);

        var export = _workspace.Tracekit.Succeed("export", "opendc", "--input", "merged", "--output", "opendc", "--json");
        using var result = JsonDocument.Parse(export.Output);
        Assert.Equal((4, 2), (result.RootElement.GetProperty("tasks").GetInt32(), result.RootElement.GetProperty("nodes").GetInt32()));
        _workspace.Tracekit.Succeed("verify", "opendc", "--input", "opendc");
        _workspace.Tracekit.Succeed("parse", "merged");
        _workspace.Tracekit.Succeed("merge", "cloud1", "cloud2", "--output", "merged", "--json");
    }

    [Theory]
    [InlineData("merge", "Required argument")]
    [InlineData("merge a", "--output: where shall the merged run go?")]
    [InlineData("merge nowhere --output m", "nowhere: no such run directory")]
    [InlineData("merge a same --output m", "are both of node a")]
    [InlineData("merge a other --output m", "give --run-id for the merged run")]
    [InlineData("merge a --output a", "give a directory of its own")]
    [InlineData("merge a --output m --run-id ../x", "run id '../x'")]
    public void Mistakes_are_told_in_one_line(string command, string told)
    {
        _workspace.Write("a/node_meta.json", "{\"run_id\": \"r\", \"node\": \"a\"}");
        _workspace.Write("a/resources.jsonl", "");
        _workspace.Write("same/node_meta.json", "{\"run_id\": \"r\", \"node\": \"a\"}");
        _workspace.Write("other/node_meta.json", "{\"run_id\": \"s\", \"node\": \"b\"}");

        var ended = _workspace.Tracekit.Run(command.Split(' '));

        Assert.Equal(2, ended.ExitCode);
        Assert.Contains(told, ended.Error, StringComparison.Ordinal);
        Assert.Equal(1, ended.Error.Count(c => c == '\n'));
        Assert.False(Directory.Exists(_workspace.File("m")));
        Assert.Contains("Examples:\n  tracekit merge", _workspace.Tracekit.Succeed("merge", "--help").Output, StringComparison.Ordinal);
    }

    private static List<JsonElement> Records(string file) => [.. File.ReadLines(file).Select(l => JsonDocument.Parse(l).RootElement)];
}
