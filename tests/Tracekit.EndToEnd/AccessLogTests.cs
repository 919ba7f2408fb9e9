using System.Text.Json;

namespace Tracekit.EndToEnd;

/// <summary>Requests to a real nginx, from its logs to the wide trace.</summary>
public sealed class AccessLogTests : IDisposable
{
    private const long SlackMs = 50;
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(120);

    private readonly Workspace _workspace = new();
    private readonly NginxServer _nginx = new(Delay);

    public void Dispose()
    {
        _nginx.Dispose();
        _workspace.Dispose();
    }

    [Fact]
    public async Task Requests_that_nginx_logged_are_those_that_the_client_made()
    {
        var sent = await SendAsync();

        _workspace.Tracekit.Succeed("import", "access-log", _nginx.Timed, "--run-id", "r", "--node-id", "web1", "--stage", "edge");
        _workspace.Tracekit.Succeed("parse", "logs/r");

        var traced = Records("logs/r/cctf/invocations.jsonl");
        Assert.Equal(sent.Select(s => (s.Method, s.Path, s.Status)), traced.Select(t => (Text(t, "method"), Text(t, "path"), t.GetProperty("status").GetInt32())));
        foreach (var (s, t) in sent.Zip(traced))
        {
            var (startMs, endMs) = (t.GetProperty("ts_start").GetInt64(), t.GetProperty("ts_end").GetInt64());
            Assert.InRange(startMs, s.BeginMs - SlackMs, s.EndMs + SlackMs);
            Assert.InRange(endMs, startMs, s.EndMs + SlackMs);
            Assert.Equal(endMs - startMs, t.GetProperty("rt_ms").GetInt64());
            Assert.Equal(s.Bytes, t.GetProperty("bytes_out").GetInt64());
            Assert.True(t.GetProperty("bytes_in").GetInt64() > 0);
            Assert.Equal(("web1", "edge", 1), (Text(t, "node"), Text(t, "stage"), t.GetProperty("time_resolution_ms").GetInt32()));
            Assert.True(Guid.TryParse(Text(t, "trace_id"), out _));
        }

        var slow = traced.Single(t => Text(t, "path") == "/slow/x");
        Assert.InRange(slow.GetProperty("rt_ms").GetInt64(), Delay.TotalMilliseconds - 5, sent[^1].EndMs - sent[^1].BeginMs + SlackMs);
        Assert.InRange(slow.GetProperty("service_time_ms").GetInt64(), Delay.TotalMilliseconds - 5, slow.GetProperty("rt_ms").GetInt64());
    }

    [Fact]
    public async Task Combined_lines_are_right_to_the_second_and_say_so()
    {
        var sent = await SendAsync();

        var ended = _workspace.Tracekit.Succeed("import", "access-log", _nginx.Combined, "--run-id", "r", "--node-id", "web1");

        Assert.Contains($"{sent.Count} requests ({sent.Count} combined)\n", ended.Output, StringComparison.Ordinal);
        Assert.Contains("duration_known is false", ended.Output, StringComparison.Ordinal);
        var traced = Records("logs/r/events.access-log.jsonl");
        Assert.Equal(sent.Select(s => (s.Method, s.Path, s.Status)), traced.Select(t => (Text(t, "method"), Text(t, "path"), t.GetProperty("status").GetInt32())));
        Assert.All(sent.Zip(traced), p => Assert.InRange(p.Second.GetProperty("ts_end").GetInt64(), p.First.BeginMs - 1000 - SlackMs, p.First.EndMs + SlackMs));
        Assert.All(traced, t => Assert.Equal((1000, false), (t.GetProperty("time_resolution_ms").GetInt32(), t.GetProperty("duration_known").GetBoolean())));
    }

    [Fact]
    public void Mistakes_are_told_in_one_line_and_nothing_is_overwritten()
    {
        _workspace.Write("a.log", "192.0.2.7 - - [21/Nov/2026:12:51:28 +0000] \"GET /x HTTP/1.1\" 200 612 \"-\" \"curl\"\n");
        _workspace.Write("none.log", "what is this\n");
        _workspace.Tracekit.Succeed("import", "access-log", "a.log", "--run-id", "r");

        foreach (var (told, exitCode, words) in ((string, int, string)[])[
            ("nowhere.log: no such access log", 2, "nowhere.log --run-id r"),
            ("events.access-log.jsonl: is there already; give --replace", 2, "a.log --run-id r"),
            ("run id '../r'", 2, "a.log --run-id ../r"),
            ("--source '../x'", 2, "a.log --run-id r --source ../x"),
            ("--format 'iis'", 2, "a.log --run-id r --format iis"),
            ("belongs to node", 2, "a.log --run-id r --node-id other --replace"),
            ("none of its 1 lines is in a format", 1, "none.log --run-id r --source none"),
        ])
        {
            var ended = _workspace.Tracekit.Run(["import", "access-log", .. words.Split(' ')]);

            Assert.Equal(exitCode, ended.ExitCode);
            Assert.Contains(told, ended.Error, StringComparison.Ordinal);
            Assert.Equal(1, ended.Error.Count(c => c == '\n'));
        }

        _workspace.Tracekit.Succeed("import", "access-log", "a.log", "--run-id", "r", "--replace");
        Assert.Contains("log_format tracekit", _workspace.Tracekit.Succeed("import", "access-log", "--help").Output, StringComparison.Ordinal);
    }

    /// <summary>A few requests, one after the other, as the client saw them.</summary>
    private async Task<List<(string Method, string Path, int Status, long Bytes, long BeginMs, long EndMs)>> SendAsync()
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_nginx.Port}") };
        var sent = new List<(string, string, int, long, long, long)>();
        foreach (var (method, target) in ((string, string)[])[("GET", "/here?token=1"), ("GET", "/not%22there"), ("HEAD", "/here"), ("POST", "/slow/x")])
        {
            var beginMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            using var request = new HttpRequestMessage(new HttpMethod(method), target) { Content = method == "POST" ? new StringContent("{}") : null };
            using var answer = await client.SendAsync(request);
            var bytes = (await answer.Content.ReadAsByteArrayAsync()).Length;
            sent.Add((method, target.Split('?')[0], (int)answer.StatusCode, bytes, beginMs, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()));
        }

        Wait.Until(() => File.ReadLines(_nginx.Timed).Count(l => l.Contains("request_id=", StringComparison.Ordinal)) == sent.Count);
        return sent;
    }

    private List<JsonElement> Records(string file) => [.. File.ReadLines(_workspace.File(file)).Select(l => JsonDocument.Parse(l).RootElement)];

    private static string Text(JsonElement record, string name) => record.GetProperty(name).GetString()!;
}
