using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Tracekit.Trace.AccessLog;

namespace Tracekit.Trace.Tests.AccessLog;

/// <summary>Whole logs.</summary>
public sealed class AccessLogImporterTests : IDisposable
{
    private const string Good = "192.0.2.7 - - [21/Nov/2026:12:51:28 +0000] \"GET /x HTTP/1.1\" 200 612 \"-\" \"curl\"\n";
    private const string Exact = "192.0.2.7 - - [21/Nov/2026:12:51:28 +0000] \"GET /\\x0a HTTP/1.1\" 404 9 \"-\" \"curl\" 0.005 -\n";

    private readonly TestRun _run = new();

    private string Events => _run.Node.EventsOf("access-log");

    public void Dispose() => _run.Dispose();

    [Fact]
    public void Lines_become_invocations_and_the_rest_is_counted()
    {
        var log = File("a.log", Good + "\n\0\u0001\u001b[31m\n" + new string('x', 1_000_000) + "\n" + Exact + "half a line\n" + Good[..40]);

        var result = Import(log);

        Assert.Equal((2L, 2L, 1L), (result.Requests, result.WholeSeconds, result.WithoutDuration));
        Assert.Equal(new Dictionary<string, long> { ["combined"] = 1, ["nginx-timed"] = 1 }, result.Formats);
        var file = Assert.Single(result.Files);
        Assert.Equal((2L, 3L, 3L, true), (file.Lines, file.BadLines, file.FirstBadLine, file.TornTail));
        var lines = System.IO.File.ReadAllLines(Events).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal([false, true], lines.Select(l => l.GetProperty("duration_known").GetBoolean()));
        Assert.Equal(1000, lines[0].GetProperty("time_resolution_ms").GetInt32());
        Assert.Equal(5, lines[1].GetProperty("rt_ms").GetInt32());
        Assert.Equal("/\n", lines[1].GetProperty("path").GetString());
        Assert.Equal("n1", lines[1].GetProperty("node").GetString());
    }

    [Fact]
    public void Importing_again_gives_the_same_bytes_packed_or_not_and_from_standard_input()
    {
        var log = File("a.log", Good + Exact);
        Import(log);
        var first = System.IO.File.ReadAllText(Events);

        var packed = _run.Node.Path + "/access.log.2.gz";
        System.IO.File.WriteAllBytes(packed, [.. Gzip(Good), .. Gzip(Exact)]);
        Import(packed);
        var unpacked = System.IO.File.ReadAllText(Events);
        Import("-");

        Assert.Equal(first, unpacked);
        Assert.Equal(first, System.IO.File.ReadAllText(Events));
    }

    [Fact]
    public void A_cut_or_broken_packing_is_a_torn_tail()
    {
        var lines = string.Concat(Enumerable.Range(0, 5000).Select(i => Good.Replace("/x", $"/{i * 7919 % 10007}", StringComparison.Ordinal)));
        var packed = Gzip(lines);
        var cut = _run.Node.Path + "/cut.gz";
        System.IO.File.WriteAllBytes(cut, packed[..(packed.Length / 2)]);

        var result = Import(cut);

        Assert.True(result.Files[0].TornTail);
        Assert.InRange(result.Requests, 1, 4999);
    }

    [Fact]
    public void A_log_without_a_request_is_a_failure_and_leaves_no_file()
    {
        Assert.Contains("none of its 2 lines", Assert.Throws<TracekitException>(() => Import(File("a.log", "x\ny\n"))).Message, StringComparison.Ordinal);
        Assert.Contains("holds no line", Assert.Throws<TracekitException>(() => Import(File("b.log", ""))).Message, StringComparison.Ordinal);
        Assert.Throws<UsageException>(() => Import(_run.Node.Path + "/nowhere"));
        Assert.False(System.IO.File.Exists(Events));
    }

    [Fact]
    public void Parse_takes_requests_into_the_wide_trace_and_says_why_they_are_no_tasks()
    {
        _run.Clock(1000, 1);
        Import(File("a.log", Good + Exact));

        var audit = Trace.Parse.RunParser.Parse(_run.Node, new Trace.Parse.ParseOptions()).Audit;

        Assert.Equal(2, audit.Findings.Single(f => f.Code == "requests_without_pid").Count);
        Assert.DoesNotContain(audit.Findings, f => f.Code == "missing_fields");
        Assert.Equal(
            System.IO.File.ReadLines(Events).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("ts_start").GetInt64() + 1000).Order(),
            System.IO.File.ReadLines(_run.Node.Cctf.Invocations).Select(l => JsonDocument.Parse(l).RootElement.GetProperty("ts_start").GetInt64()));
    }

    private static byte[] Gzip(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Optimal))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return bytes.ToArray();
    }

    private string File(string name, string text)
    {
        var path = Path.Combine(_run.Node.Path, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    private ImportResult Import(string log) => AccessLogImporter.Import(
        [log], AccessLogFormat.Auto, new NodeMeta { Node = "n1", Stage = "cloud" }, Events, () => new MemoryStream(Encoding.UTF8.GetBytes(Good + Exact)));
}
