using System.Net;
using System.Net.Sockets;
using Tracekit.Collect;
using Tracekit.Model;
using Tracekit.Telemetry.Otlp;

namespace Tracekit.Telemetry.Tests;

public sealed class OtlpExportTests
{
    private static readonly NodeMeta Node = new()
    {
        RunId = "r1", Node = "n1", Stage = "edge", Host = "host1", CpuCores = 2, MemMb = 100, CpuModel = "model", CpuFreqMhz = 2000,
    };

    private static readonly TimeSpan Seldom = TimeSpan.FromHours(1);
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task What_arrives_is_what_the_collector_knows_in_the_names_of_the_conventions()
    {
        await using var receiver = new OtlpReceiver();
        using (new OtlpExport(OtlpEndpoint.Parse(receiver.Url), Node, () => Snapshots.Full, Seldom, Fail))
        {
            Wait.Until(() => !receiver.Requests.IsEmpty);
        }

        Assert.Equal(2, receiver.Requests.Count);
        var request = receiver.Requests.First();
        Assert.Equal(("/v1/metrics", "application/x-protobuf"), (request.Path, request.ContentType));
        foreach (var (name, value) in new[]
        {
            ("service.name", "tracekit"), ("host.name", "host1"), ("tracekit.run_id", "r1"), ("tracekit.node", "n1"), ("tracekit.stage", "edge"),
        })
        {
            Assert.Equal(value, request.Resource[name]);
        }

        void Check(double expected, string metric, string unit, string kind, params (string Name, object Value)[] attributes)
        {
            var point = Assert.Single(request.Points, p => p.Metric == metric && attributes.All(a => p.Attributes.TryGetValue(a.Name, out var v) && v.Equals(a.Value)));
            Assert.Equal((expected, unit, kind), (point.Value, point.Unit, point.Kind));
        }

        Check(1.5, "process.cpu.time", "s", "counter", ("process.pid", 4242L), ("cpu.mode", "user"), ("process.executable.name", "ffmpeg"));
        Check(0.25, "process.cpu.time", "s", "counter", ("process.pid", 4242L), ("cpu.mode", "system"), ("process.parent_pid", 1L));
        Check(0.01, "process.cpu.time", "s", "counter", ("process.executable.name", Snapshots.HostileName), ("cpu.mode", "user"));
        Check(1.753123456, "tracekit.process.cpu.time", "s", "counter", ("process.pid", 4242L), ("process.creation.time", "2023-11-14T22:13:20.123Z"));
        Check(2048 * 1024, "process.memory.usage", "By", "updowncounter", ("process.pid", 4242L));
        Check(7, "process.thread.count", "{thread}", "updowncounter");
        Check(0.375, "system.cpu.utilization", "1", "gauge");
        Check(1L << 30, "system.memory.usage", "By", "updowncounter", ("system.memory.state", "free"));
        Check(7961L * 1024 * 1024, "system.memory.limit", "By", "updowncounter");
        Check(9_007_199_254_740_991, "system.network.io", "By", "counter", ("network.io.direction", "receive"), ("network.interface.name", "eth0"));
        Check(42, "system.network.io", "By", "counter", ("network.io.direction", "transmit"));
        Check(12.25, "hw.energy", "J", "counter", ("hw.type", "cpu"));
        Check(1000, "tracekit.collector.ticks", "{tick}", "counter");
        Check(3, "tracekit.collector.missed_ticks", "{tick}", "counter");
        Check(2500, "tracekit.collector.samples", "{sample}", "counter");
        Check(5, "tracekit.collector.dropped_samples", "{sample}", "counter");
    }

    [Fact]
    public async Task A_process_that_ended_is_sent_no_more()
    {
        await using var receiver = new OtlpReceiver();
        var snapshot = Snapshots.Full;
        using (new OtlpExport(OtlpEndpoint.Parse(receiver.Url), Node, () => Volatile.Read(ref snapshot), Seldom, Fail))
        {
            Wait.Until(() => !receiver.Requests.IsEmpty);
            Volatile.Write(ref snapshot, Snapshots.Full with { Processes = [Snapshots.Full.Processes[1]] });
        }

        Assert.DoesNotContain(receiver.Requests.Last().Points, p => p.Attributes.TryGetValue("process.pid", out var pid) && pid.Equals(4242L));
        Assert.Contains(receiver.Requests.Last().Points, p => p.Attributes.TryGetValue("process.pid", out var pid) && pid.Equals(4243L));
    }

    [Fact]
    public async Task A_receiver_that_is_away_is_counted_told_once_and_served_when_it_is_back()
    {
        var port = FreePort();
        var told = new List<string>();
        using var export = new OtlpExport(OtlpEndpoint.Parse($"http://127.0.0.1:{port}"), Node, () => Snapshots.Full, Often, told.Add);
        Wait.Until(() => export.Counts.Failed >= 5);
        Assert.Equal(0, export.Counts.Delivered);
        await using (var receiver = new OtlpReceiver(port))
        {
            Wait.Until(() => export.Counts.Delivered > 0);
            Assert.Contains($":{port}", Assert.Single(told), StringComparison.Ordinal);
            Assert.DoesNotContain('\n', told[0]);
            Assert.NotEmpty(receiver.Requests.First().Points);
            export.Dispose();
        }
    }

    [Fact]
    public void A_receiver_that_hangs_holds_nobody_who_collects()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var asked = 0;
        var told = 0;
        using (var export = new OtlpExport(
            OtlpEndpoint.Parse($"http://{silent.LocalEndpoint}"), Node, () => Snapshots.With(ref asked), Often, _ => told++))
        {
            // The collector is asked once for the export that hangs; nothing piles up meanwhile.
            Wait.Until(() => export.Counts.Failed == 1);
        }

        Assert.Equal(1, told);
        Assert.InRange(asked, 2, 4);
    }

    [Theory]
    [InlineData("http://host:4318", "http://host:4318/v1/metrics", false)]
    [InlineData("https://host:4318/", "https://host:4318/v1/metrics", false)]
    [InlineData("http://host:4318/otlp/v1/metrics", "http://host:4318/otlp/v1/metrics", false)]
    [InlineData("grpc://host:4317", "http://host:4317/", true)]
    [InlineData("grpcs://host:4317", "https://host:4317/", true)]
    public void An_endpoint_is_a_url(string text, string url, bool isGrpc) => Assert.Equal(new OtlpEndpoint(new Uri(url), isGrpc), OtlpEndpoint.Parse(text));

    [Theory]
    [InlineData("host:4318")]
    [InlineData("ftp://host")]
    [InlineData("")]
    [InlineData("http://user:secret@host:4318")]
    [InlineData("http://host:4318/?token=secret")]
    [InlineData("grpc://host:4317/path")]
    public void Anything_else_is_refused_without_its_secrets(string text) =>
        Assert.DoesNotContain("secret", Assert.Throws<UsageException>(() => OtlpEndpoint.Parse(text)).Message, StringComparison.Ordinal);

    private static void Fail(string trouble) => throw new InvalidOperationException(trouble);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
