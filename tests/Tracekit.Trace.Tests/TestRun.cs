using System.Text;
using Tracekit.Trace.Lines;
using Tracekit.Trace.Parse;

namespace Tracekit.Trace.Tests;

/// <summary>A node directory of its own for one test, gone afterwards.</summary>
internal sealed class TestRun : IDisposable
{
    /// <summary>The time that hand-made runs begin at.</summary>
    public const long T0 = 1_700_000_000_000;

    private readonly StringBuilder _events = new();
    private readonly StringBuilder _samples = new();

    public TestRun(string node = "n1", int cores = 4, int mhz = 2000)
    {
        Root = Directory.CreateTempSubdirectory("tracekit-trace-").FullName;
        Node = new RunDirectory(Path.Combine(Root, "run"));
        Directory.CreateDirectory(Node.Path);
        File.WriteAllText(
            Node.NodeMeta,
            $$"""{"run_id": "r1", "node": "{{node}}", "stage": "cloud", "host": "h", "iface": null, "cpu_cores": {{cores}}, "mem_mb": 4096, "cpu_model": "m", "cpu_freq_mhz": {{mhz}}}""");
    }

    public string Root { get; }

    public RunDirectory Node { get; }

    public string Out => Path.Combine(Root, "out");

    /// <summary>Copies the reference run, whose directory is read-only.</summary>
    public static TestRun Reference()
    {
        var run = new TestRun();
        var source = Path.Combine(Tracekit.Tests.Repository.Shared, "reference-run");
        foreach (var file in Directory.EnumerateFiles(source, "*.json*"))
        {
            var to = Path.Combine(run.Node.Path, Path.GetFileName(file));
            File.WriteAllBytes(to, File.ReadAllBytes(file));
        }

        return run;
    }

    /// <summary>Adds fields to <c>node_meta.json</c>, each behind a comma: its clock, for example.</summary>
    public TestRun Meta(string fields)
    {
        File.WriteAllText(Node.NodeMeta, File.ReadAllText(Node.NodeMeta)[..^1] + fields + "}");
        return this;
    }

    /// <summary>Says how the node's clock stands to the reference clock.</summary>
    public TestRun Clock(double offsetMs, double errorMs) => Meta(string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $", \"clock_offset_ms\": {offsetMs:R}, \"clock_error_ms\": {errorMs:R}"));

    public TestRun Task(int pid, long start, long end, double? cpuMs = null, string more = "", long wait = 5)
    {
        var cpu = cpuMs is { } ms ? $", \"cpu_time_ms\": {ms.ToString("R", System.Globalization.CultureInfo.InvariantCulture)}" : "";
        _events.Append(
            $"{{\"trace_id\": \"{Guid.NewGuid()}\", \"module_id\": \"ffmpeg\", \"ts_enqueue\": {T0 + start - wait}, \"ts_start\": {T0 + start}, \"ts_end\": {T0 + end}, "
            + $"\"node\": \"n1\", \"method\": \"CLI\", \"input\": \"a.mp4\", \"pid\": {pid}, \"status\": 0{cpu}{more}}}\n");
        return this;
    }

    public TestRun Sample(int pid, long ts, long cpuNs, long childrenNs = 0, SampleKind kind = SampleKind.Tick, long rss = 100) =>
        Sample(new ProcessSample(T0 + ts, pid, rss, cpuNs / 10_000_000, 0, cpuNs, childrenNs, kind));

    public TestRun Sample(in ProcessSample sample)
    {
        Span<byte> line = stackalloc byte[ProcessSample.MaxFormattedBytes];
        _samples.Append(Encoding.UTF8.GetString(line[..sample.Format(line)]));
        return this;
    }

    public TestRun Start(int pid, long ts) => Sample(pid, ts, 0, 0, SampleKind.Start, 0);

    public TestRun Exit(int pid, long ts, long cpuNs, long childrenNs = 0) => Sample(pid, ts, cpuNs, childrenNs, SampleKind.Exit, 900);

    public TestRun Line(string sampleLine)
    {
        _samples.Append(sampleLine);
        return this;
    }

    public TestRun Event(string eventLine)
    {
        _events.Append(eventLine);
        return this;
    }

    /// <summary>Writes the files and parses them.</summary>
    public ParseResult Parse(int workers = 3)
    {
        Write();
        return RunParser.Parse(Node, new ParseOptions { Workers = workers });
    }

    /// <summary>Writes the files.</summary>
    public TestRun Write()
    {
        if (_events.Length > 0)
        {
            File.WriteAllText(Node.EventsOf("test"), _events.ToString());
        }

        if (_samples.Length > 0)
        {
            File.WriteAllText(Node.ProcMetrics, _samples.ToString());
        }

        return this;
    }

    /// <summary>The windows of the compact trace, times relative to <see cref="T0"/>.</summary>
    public IReadOnlyList<CpuWindow> Windows() => [.. File.ReadLines(Node.Cts.ProcMetrics).Select(ReadWindow)];

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static CpuWindow ReadWindow(string line)
    {
        Assert.True(WindowLine.TryParse(Encoding.UTF8.GetBytes(line), out var window), line);
        return window with { TsMs = window.TsMs - T0 };
    }
}
