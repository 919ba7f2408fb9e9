using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tracekit.Collect;
using Tracekit.Model;
using Tracekit.Telemetry.Prometheus;

namespace Tracekit.Telemetry.Tests;

public sealed class ScrapeTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly IPEndPoint AnyPort = new(IPAddress.Loopback, 0);

    [Fact]
    public async Task A_scrape_has_every_number_in_base_units()
    {
        await using var server = await ScrapeServer.StartAsync(AnyPort, () => Snapshots.Full, None);
        using var client = new HttpClient();
        using var response = await client.GetAsync(Url(server));
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        var (samples, types) = ExpositionParser.Parse(await response.Content.ReadAsByteArrayAsync());
        double Value(string metric, params string[] labels) =>
            Assert.Single(samples, s => s.Metric == metric && labels.All(l => s.Labels.Values.Contains(l))).Value;

        Assert.Equal(1.753123456, Value("tracekit_process_cpu_seconds_total", "4242", "ffmpeg"));
        Assert.Equal(0.009999999, Value("tracekit_process_cpu_seconds_total", "4243", Snapshots.HostileName));
        Assert.Equal(1.5, Value("tracekit_process_cpu_mode_seconds_total", "4242", "user"));
        Assert.Equal(0.25, Value("tracekit_process_cpu_mode_seconds_total", "4242", "system"));
        Assert.Equal(2048 * 1024, Value("tracekit_process_resident_memory_bytes", "4242"));
        Assert.Equal(1_700_000_000.123, Value("tracekit_process_start_time_seconds", "4242"));
        Assert.Equal(7, Value("tracekit_process_threads"));
        Assert.Equal(0.375, Value("tracekit_host_cpu_utilization_ratio"));
        Assert.Equal(1073741824, Value("tracekit_host_memory_free_bytes"));
        Assert.Equal(7961L * 1024 * 1024, Value("tracekit_host_memory_total_bytes"));
        Assert.Equal(9_007_199_254_740_991, Value("tracekit_host_network_receive_bytes_total", "eth0"));
        Assert.Equal(42, Value("tracekit_host_network_transmit_bytes_total", "eth0"));
        Assert.Equal(12.25, Value("tracekit_host_energy_joules_total"));
        Assert.Equal(1_700_000_000.2, Value("tracekit_host_sample_timestamp_seconds"));
        Assert.Equal(1000, Value("tracekit_collector_ticks_total"));
        Assert.Equal(3, Value("tracekit_collector_missed_ticks_total"));
        Assert.Equal(2500, Value("tracekit_collector_samples_total"));
        Assert.Equal(5, Value("tracekit_collector_dropped_samples_total"));
        Assert.Equal(2, Value("tracekit_collector_processes"));
        Assert.All(samples, s => Assert.True(types.ContainsKey(s.Metric)));
    }

    [Fact]
    public void A_page_without_a_machine_or_processes_is_a_page()
    {
        var (samples, _) = ExpositionParser.Parse(CollectorPage.Format(Snapshots.Empty));
        Assert.All(samples, s => Assert.StartsWith("tracekit_collector_", s.Metric, StringComparison.Ordinal));
        Assert.Equal(5, samples.Count);
    }

    [Fact]
    public void Any_name_comes_back_as_it_was()
    {
        var random = new Random(1);
        var alphabet = "\"\\\n\r\t{},= #aé\u0001\u2028".ToCharArray();
        for (var round = 0; round < 500; round++)
        {
            var name = new string(random.GetItems(alphabet, random.Next(16)));
            var page = CollectorPage.Format(new CollectorSnapshot(default, null, [new ProcessReading(1, 0, name, 0, 0, 0, 0, 0)]));
            Assert.Equal(name, ExpositionParser.Parse(page).Samples.First(s => s.Labels.ContainsKey("comm")).Labels["comm"]);
        }
    }

    [Fact]
    public async Task Only_metrics_are_served()
    {
        var asked = 0;
        await using var server = await ScrapeServer.StartAsync(AnyPort, () => Snapshots.With(ref asked), None);
        using var client = new HttpClient();
        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, Url(server)));
        Assert.Equal((HttpStatusCode.OK, true), (head.StatusCode, head.Content.Headers.ContentLength > 0));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        Assert.Equal(1, asked);
        foreach (var path in new[] { "/", "/metrics/", "/metrics/x", "/etc/passwd" })
        {
            using var other = await client.GetAsync($"http://{server.Address}{path}");
            Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
        }

        foreach (var method in new[] { HttpMethod.Post, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Options })
        {
            using var other = await client.SendAsync(new HttpRequestMessage(method, Url(server)));
            Assert.Equal(HttpStatusCode.MethodNotAllowed, other.StatusCode);
            Assert.Equal("GET, HEAD", string.Join(", ", other.Content.Headers.Allow));
        }
    }

    [Fact]
    public async Task A_request_that_is_too_long_is_refused()
    {
        await using var server = await ScrapeServer.StartAsync(AnyPort, () => Snapshots.Full, None);
        Assert.StartsWith("HTTP/1.1 414", await RawAsync(server, $"GET /metrics?{new string('x', 4000)} HTTP/1.1\r\nHost: a\r\n\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431", await RawAsync(server, $"GET /metrics HTTP/1.1\r\nHost: a\r\nX: {new string('x', 20_000)}\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Those_who_say_nothing_are_few_and_cut_off_and_the_next_is_served()
    {
        await using var server = await ScrapeServer.StartAsync(AnyPort, () => Snapshots.Full, None);
        var silent = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 40; i++)
            {
                var client = new TcpClient();
                await client.ConnectAsync(server.Address);
                await client.GetStream().WriteAsync("GET /metrics HTTP/1.1\r\nHo"u8.ToArray());
                silent.Add(client);
            }

            using var scraper = new HttpClient();
            var since = Stopwatch.StartNew();
            while (true)
            {
                try
                {
                    Assert.NotEmpty(await scraper.GetByteArrayAsync(Url(server)));
                    break;
                }
                catch (HttpRequestException) when (since.Elapsed < TimeSpan.FromSeconds(30))
                {
                    await Task.Delay(20);
                }
            }

            // Within its 5 s each of them hears that it was too slow, or nothing more.
            Assert.All(silent, c => c.ReceiveTimeout = 30_000);
            Assert.All(silent, c => Assert.True(ReadToEnd(c)));
        }
        finally
        {
            silent.ForEach(c => c.Dispose());
        }
    }

    [Fact]
    public async Task An_address_that_is_taken_is_told()
    {
        await using var first = await ScrapeServer.StartAsync(AnyPort, () => Snapshots.Full, None);
        var e = await Assert.ThrowsAsync<TracekitException>(() => ScrapeServer.StartAsync(first.Address, () => Snapshots.Full, None));
        Assert.Contains(first.Address.ToString(), e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Theory]
    [InlineData("127.0.0.1:9464", "127.0.0.1:9464")]
    [InlineData("localhost:0", "127.0.0.1:0")]
    [InlineData("[::1]:9464", "[::1]:9464")]
    [InlineData("0.0.0.0:9464", "0.0.0.0:9464")]
    public void An_address_is_a_host_and_a_port(string text, string address) => Assert.Equal(address, ScrapeAddress.Parse(text).ToString());

    [Theory]
    [InlineData("9464")]
    [InlineData(":9464")]
    [InlineData("*:9464")]
    [InlineData("+:9464")]
    [InlineData("1:9464")]
    [InlineData("::1:9464")]
    [InlineData("[::1]")]
    [InlineData("[]:1")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1:")]
    [InlineData("example.org:80")]
    public void Half_an_address_is_refused(string text) => Assert.Throws<UsageException>(() => ScrapeAddress.Parse(text));

    private static Uri Url(ScrapeServer server) => new($"http://{server.Address}/metrics");

    private static bool ReadToEnd(TcpClient client)
    {
        try
        {
            while (client.GetStream().Read(new byte[1024]) > 0)
            {
            }

            return true;
        }
        catch (IOException e)
        {
            return e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset };
        }
    }

    private static async Task<string> RawAsync(ScrapeServer server, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        var answer = new byte[64];
        var got = await client.GetStream().ReadAtLeastAsync(answer, 12, throwOnEndOfStream: false);
        return Encoding.ASCII.GetString(answer, 0, got);
    }
}
