using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Tracekit.Collect.Host;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect.Tests.Host;

public sealed class HostSamplerTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<string> _reports = [];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_machine_is_sampled_with_the_fields_of_the_contract()
    {
        var directory = new RunDirectory(_directory.Path);
        var energy = _directory.Write("zone/energy_uj", "1000\n");
        _directory.Write("zone/name", "package-9\n");
        var clock = new RunClock(TimeProvider.System);
        var options = new HostSamplerOptions { Node = "n1", Interval = TimeSpan.FromMilliseconds(20), Iface = "lo", EnergyFiles = [energy] };
        using (var sampler = new HostSampler(options, directory, clock, TimeProvider.System, _reports.Add))
        {
            Wait.Until(() => sampler.Counts.Ticks >= 3);
            File.WriteAllText(energy, "501000\n");
            var ticks = sampler.Counts.Ticks;
            Wait.Until(() => sampler.Counts.Ticks >= ticks + 3);
            Assert.True(sampler.Reading.MemFreeMb > 0);
            Assert.Equal("lo", sampler.Reading.Iface);
        }

        var resources = Lines(directory.Resources);
        Assert.Contains(resources, l => l.TryGetProperty("cpu_util", out var util) && util.GetDouble() is >= 0 and <= 100);
        Assert.Contains(resources, l => l.TryGetProperty("mem_free_mb", out var free) && free.GetInt64() > 0);
        Assert.Equal(0.5, resources.Where(l => l.TryGetProperty("zone", out var zone) && zone.GetString() == "package-9").Sum(l => l.GetProperty("energy_j").GetDouble()), 6);
        var links = Lines(directory.Links);
        Assert.NotEmpty(links);
        Assert.All(links, l => Assert.Equal("n1.nic", l.GetProperty("link").GetString()));
        Assert.All(links, l => Assert.True(l.GetProperty("rx_Bps").GetInt64() >= 0 && l.GetProperty("tx_Bps").GetInt64() >= 0));
        Assert.Equal(links.Select(l => l.GetProperty("ts_ms").GetInt64()).Order(), links.Select(l => l.GetProperty("ts_ms").GetInt64()));
    }

    [Fact]
    public void An_interface_that_goes_and_comes_back_never_gives_a_negative_rate()
    {
        var file = _directory.Write("dev", "  eth7: 1000 0 0 0 0 0 0 0 2000 0\n");
        var sink = new ListSink();
        var lines = new HostLines(sink);
        using var meter = LinkMeter.TryOpen("eth7", "n", lines, _reports.Add, 0, file)!;
        (string Text, int Lines)[] steps =
        [
            ("  eth7: 1500 0 0 0 0 0 0 0 2000 0\n", 1),
            ("  lo: 1 0 0 0 0 0 0 0 1 0\n", 0),
            ("  lo: 1 0 0 0 0 0 0 0 1 0\n", 0),
            ("  eth7: 10 0 0 0 0 0 0 0 10 0\n", 0),
            ("  eth7: 30 0 0 0 0 0 0 0 10 0\n", 1),
            ("  eth7: 5 0 0 0 0 0 0 0 10 0\n", 0),
            ("  eth7: 6 0 0 0 0 0 0 0 10 0\n", 1),
        ];
        var nowNs = 0L;
        foreach (var (text, expected) in steps)
        {
            File.WriteAllText(file, text);
            sink.Text.Clear();
            nowNs += 1_000_000_000;
            meter.Sample(nowNs / 1_000_000, nowNs);
            lines.Flush();
            Assert.Equal(expected, sink.Text.ToString().Count(c => c == '\n'));
            Assert.DoesNotContain("-", sink.Text.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal(3, _reports.Count);
    }

    [Fact]
    public void Energy_whose_counter_wraps_is_counted_over_the_wrap()
    {
        var file = _directory.Write("z/energy_uj", "900\n");
        _directory.Write("z/max_energy_range_uj", "1000\n");
        var lines = new HostLines(new ListSink());
        using var meter = EnergyMeter.TryOpen(PowercapZone.OfFile(file), lines, _reports.Add, 0)!;

        File.WriteAllText(file, "100\n");
        meter.Sample(1000, 1_000_000_000);

        Assert.Equal(200, meter.UsedUj);
        Assert.Empty(_reports);
    }

    [Fact]
    public void A_step_of_the_clock_is_told_once_and_is_on_record()
    {
        // The system clock of the machine that tests run on is not ours to set, so the clock is a made one.
        var directory = new RunDirectory(_directory.Path);
        var time = new SteppingTime();
        var meter = new ClockMeter(time, directory, _reports.Add);

        time.Pass(1_000_000_000);
        meter.Sample(1000, 0);
        time.StepMs(0.4);
        meter.Sample(2000, 0);
        Assert.Empty(_reports);
        time.StepMs(-2500);
        meter.Sample(3000, 0);
        time.Pass(1_000_000_000);
        meter.Sample(4000, 0);

        Assert.Equal(1, meter.StepCount);
        Assert.Contains("-2499.600 ms", Assert.Single(_reports), StringComparison.Ordinal);
        var line = Assert.Single(Lines(directory.ClockEvents));
        Assert.Equal((3000, "clock_step", -2499.6), (line.GetProperty("ts_ms").GetInt64(), line.GetProperty("event").GetString()!, line.GetProperty("step_ms").GetDouble()));
        Assert.Contains("stepped by -2499.600 ms", File.ReadAllText(directory.TimeSync), StringComparison.Ordinal);
    }

    [Fact]
    public void Steps_too_small_to_tell_add_up()
    {
        var time = new SteppingTime();
        var detector = new ClockStepDetector(time);
        double? told = null;
        var looks = 0;
        for (; told is null && looks < 10; looks++)
        {
            time.StepMs(0.3);
            told = detector.Look();
        }

        Assert.Equal(4, looks);
        Assert.Equal(1.2, told!.Value, 6);
    }

    [Fact]
    public void A_listener_and_a_port_that_refuses_both_answer()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Assert.InRange(RoundTrip.ByTcp(IPAddress.Loopback, port)!.Value.RttS, 1e-7, 1);
        listener.Stop();
        Assert.Equal("tcp", RoundTrip.ByTcp(IPAddress.Loopback, port)!.Value.Method);

        var link = LinkDescription.Measure("lo", IPAddress.Loopback, port);
        Assert.Equal(0, link.BandwidthBps);
        Assert.Equal(link.RttS!.Value / 2, link.PropagationS!.Value, 8);
        Assert.Equal("lo", NetInterface.Toward(IPAddress.Loopback));
    }

    [Fact]
    public void The_checksum_is_that_of_RFC_1071() =>
        Assert.Equal(0x220D, RoundTrip.Checksum([0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]));

    private static List<JsonElement> Lines(string path) => [.. File.ReadAllLines(path).Select(l => JsonDocument.Parse(l).RootElement)];

    private sealed class ListSink : ILineSink
    {
        public StringBuilder Text { get; } = new();

        public void Append(ReadOnlySpan<byte> lines) => Text.Append(Encoding.UTF8.GetString(lines));
    }

    private sealed class SteppingTime : TimeProvider
    {
        private long _monotonicNs;
        private long _aheadNs = 1_795_227_469_000_000_000;

        public override long TimestampFrequency => 1_000_000_000;

        public void Pass(long ns) => _monotonicNs += ns;

        public void StepMs(double ms) => _aheadNs += (long)(ms * 1_000_000);

        public override long GetTimestamp() => _monotonicNs;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks((_monotonicNs + _aheadNs) / 100);
    }
}
