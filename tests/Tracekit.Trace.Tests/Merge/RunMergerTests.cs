using System.Text.Json;
using Tracekit.Trace.Merge;
using Tracekit.Trace.OpenDc;
using Tracekit.Trace.Verify;

namespace Tracekit.Trace.Tests.Merge;

/// <summary>One run out of many nodes'.</summary>
public sealed class RunMergerTests : IDisposable
{
    private const long Ms = 1_000_000;

    private readonly TemporaryDirectory _directory = new();
    private readonly TestRun _a = Node("a", 7);
    private readonly TestRun _b = Node("b", 8).Clock(1000, 1);

    private string Output => _directory.File("merged");

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Records_are_joined_in_time_order_name_their_node_and_are_shifted_once()
    {
        _b.Parse();

        var result = Merge();

        Assert.Equal(["a", "b"], result.Nodes.Select(n => n.Node));
        Assert.Equal([0L, 1000], result.Nodes.Select(n => n.ClockShiftMs));
        var unified = new CctfDirectory(result.UnifiedDirectory);
        Assert.Equal(Path.Combine(Output, "unified_cctf", "r1"), unified.Path);
        Assert.Equal(
            [("a", 0L), ("a", 231), ("b", 1000), ("b", 1231)],
            Records(unified.ProcCpu).Select(r => (r.GetProperty("node").GetString()!, r.GetProperty("ts_ms").GetInt64() - TestRun.T0)));
        Assert.Equal(
            [("a", 0L), ("b", 1000)], Records(unified.Invocations).Select(r => (r.GetProperty("node").GetString()!, r.GetProperty("ts_start").GetInt64() - TestRun.T0)));
        Assert.Equal(["a", "b"], Records(unified.HostMetrics).Select(r => r.GetProperty("node").GetString()));
        Assert.All(unified.RecordFiles.Where(File.Exists), f => Assert.All(Records(f), r => Assert.Contains(r.GetProperty("node").GetString(), (string[])["a", "b"])));
        Assert.Equal(["a", "b"], Document(unified.Nodes).EnumerateArray().Select(n => n.GetProperty("node_id").GetString()));
        Assert.Equal(["a", "b"], Document(unified.Links).EnumerateArray().Select(n => n.GetProperty("u").GetString()));
        Assert.Equal(40, Document(unified.RunMeta).GetProperty("rate").GetInt32());
        Assert.Single(Document(unified.ModuleInventory).EnumerateArray());
    }

    [Fact]
    public void The_merged_run_is_a_run_and_the_inputs_are_as_they_were()
    {
        _a.Write();
        _b.Write();
        var before = Contents(_a.Root, _b.Root);

        Merge();
        var export = OpenDcExporter.Export(RunDirectory.NodesOf(Output), _directory.File("opendc"), new ExportOptions());

        Assert.Equal(before, Contents(_a.Root, _b.Root));
        Assert.Equal((2, 2), (export.Tasks, export.Nodes));
        Assert.DoesNotContain(OpenDcVerifier.Verify(_directory.File("opendc")).Faults, f => f.Severity == VerifySeverity.Error);
        Assert.All(RunDirectory.NodesOf(Output), n => Trace.Parse.RunParser.Parse(n, new Trace.Parse.ParseOptions()));
    }

    [Fact]
    public void Merging_again_gives_the_same_bytes_and_forgets_nodes_that_are_left_out()
    {
        Merge();
        var first = Contents(Output);
        Merge();
        var again = Contents(Output);
        RunMerger.Merge([_a.Node.Path], Output, null);

        Assert.Equal(first, again);
        Assert.Equal(["a", "merge.json", "unified_cctf"], Directory.EnumerateFileSystemEntries(Output).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_order_of_the_directories_and_giving_one_twice_change_nothing()
    {
        Merge();
        var first = Contents(Output);

        RunMerger.Merge([_b.Node.Path, _a.Node.Path, _b.Node.Path + "/"], Output, null);

        Assert.Equal(first, Contents(Output));
    }

    [Fact]
    public void A_node_that_comes_without_raw_files_is_taken_if_it_is_aligned()
    {
        _b.Parse();
        File.Delete(_b.Node.ProcMetrics);
        File.Delete(_b.Node.Events);
        File.Delete(_b.Node.EventsOf("test"));
        File.Delete(_b.Node.Resources);
        _a.Write();

        var result = RunMerger.Merge([_a.Node.Path, _b.Node.Path], Output, null);

        Assert.Null(result.Nodes[1].Verdict);
        Assert.Equal(4, result.Records["proc_cpu.jsonl"]);
        File.WriteAllText(_b.Node.NodeMeta, File.ReadAllText(_b.Node.NodeMeta).Replace("1000", "2000", StringComparison.Ordinal));
        Assert.Contains("shifted by 1000 ms", Refused(_a.Node.Path, _b.Node.Path), StringComparison.Ordinal);
        Directory.Delete(_b.Node.Cctf.Path, recursive: true);
        Assert.Contains("nothing of node b", Refused(_a.Node.Path, _b.Node.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_merged_is_refused_before_anything_is_written()
    {
        using var sameNode = Node("a", 9);
        using var otherRun = Node("c", 9);
        using var noId = Node("../c", 9);
        sameNode.Write();
        File.WriteAllText(otherRun.Node.NodeMeta, File.ReadAllText(otherRun.Node.NodeMeta).Replace("r1", "r2", StringComparison.Ordinal));
        otherRun.Write();
        _a.Write();

        Assert.Contains("are both of node a", Refused(_a.Node.Path, sameNode.Node.Path), StringComparison.Ordinal);
        Assert.Contains("is of run r1", Refused(_a.Node.Path, otherRun.Node.Path), StringComparison.Ordinal);
        Assert.Contains("is no id", Refused(noId.Node.Path), StringComparison.Ordinal);
        Assert.Contains("no such run directory", Refused(_directory.File("nowhere")), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Output));
        Assert.Throws<UsageException>(() => RunMerger.Merge([_a.Node.Path], _a.Node.Path, null));
        Assert.Throws<UsageException>(() => RunMerger.Merge([_a.Node.Path], _a.Root, null));
        Assert.Throws<UsageException>(() => RunMerger.Merge([_a.Node.Path], Path.Combine(_a.Node.Path, "out"), null));
        Assert.Throws<UsageException>(() => RunMerger.Merge([_a.Node.Path], Output, "../r"));
        _directory.Write("merged/precious", "");
        Assert.Contains("is not empty", Refused(_a.Node.Path), StringComparison.Ordinal);

        Directory.Delete(Output, recursive: true);
        RunMerger.Merge([_a.Node.Path, otherRun.Node.Path], Output, "both");
        Assert.Equal("both", Document(Path.Combine(Output, "c", "node_meta.json")).GetProperty("run_id").GetString());
        Assert.True(Directory.Exists(Path.Combine(Output, "unified_cctf", "both")));
    }

    private static TestRun Node(string id, int pid)
    {
        var run = new TestRun(node: id).Start(pid, 0).Exit(pid, 231, 100 * Ms)
            .Event($$"""{"trace_id": "{{Guid.NewGuid()}}", "ts_enqueue": {{TestRun.T0}}, "ts_start": {{TestRun.T0}}, "ts_end": {{TestRun.T0 + 231}}, "pid": {{pid}}, "status": 0, "cpu_time_ms": 100}""" + "\n");
        File.WriteAllText(run.Node.Resources, $$"""{"ts_ms": {{TestRun.T0 + 5}}, "cpu_util": 1}""" + "\n");
        File.WriteAllText(run.Node.LinkMeta, """{"iface": "eth0", "BW_bps": 1000, "PR_s": 0.1}""");
        File.WriteAllText(run.Node.RunMeta, """{"run_id": "r1", "rate": 40}""");
        File.WriteAllText(run.Node.ModuleInventory, id == "a" ? """{"app_id": "x", "module_id": "m"}""" : """[{"module_id": "m", "app_id": "x"}]""");
        return run;
    }

    private MergeResult Merge()
    {
        _a.Write();
        _b.Write();
        return RunMerger.Merge([_a.Node.Path, _b.Node.Path], Output, null);
    }

    private string Refused(params string[] directories) => Assert.Throws<UsageException>(() => RunMerger.Merge(directories, Output, null)).Message;

    private static List<JsonElement> Records(string file) => [.. File.ReadLines(file).Select(l => JsonDocument.Parse(l).RootElement)];

    private static JsonElement Document(string file) => JsonDocument.Parse(File.ReadAllText(file)).RootElement;

    private static List<(string, string)> Contents(params string[] roots) =>
        [.. roots.SelectMany(r => Directory.EnumerateFiles(r, "*", SearchOption.AllDirectories)).Order().Select(f => (f, File.ReadAllText(f)))];
}
