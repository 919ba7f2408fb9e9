using System.Text;
using Tracekit.Trace.AccessLog;

namespace Tracekit.Trace.Tests.AccessLog;

/// <summary>Lines of access logs, one by one.</summary>
public sealed class AccessLogLineTests
{
    private const string Head = "192.0.2.7 - - [21/Nov/2026:12:51:28 +0000] ";
    private const string Tail = " 200 612 \"-\" \"curl/8.5.0\"";

    // 2026-11-21T12:51:28Z
    private const long T = 1_795_265_488_000;

    public static TheoryData<string, string?, string?> RequestLines => new()
    {
        { "GET / HTTP/1.1", "GET", "/" },
        { "GET /a/b?token=secret HTTP/2.0", "GET", "/a/b" },
        { "POST /with space/x HTTP/1.1", "POST", "/with space/x" },
        { "GET /q\\x22uote\\x5C HTTP/1.1", "GET", "/q\"uote\\" },
        { "GET /\\xC3\\xA4 HTTP/1.1", "GET", "/ä" },
        { "GET /\\xFF\\x0A HTTP/1.1", "GET", "/\ufffd\n" },
        { "GET /\\x2", "GET", "/\\x2" },
        { "GET /old", "GET", "/old" },
        { "PROPFIND /dav/ HTTP/1.1", "PROPFIND", "/dav/" },
        { "M-SEARCH * HTTP/1.1", "M-SEARCH", "*" },
        { "GET http://user:secret@host:80/p?x HTTP/1.1", "GET", "/p" },
        { "GET http://host HTTP/1.1", "GET", "/" },
        { "CONNECT user:secret@host:443 HTTP/1.1", "CONNECT", "host:443" },
        { "OPTIONS * HTTP/1.0", "OPTIONS", "*" },
        { "-", null, null },
        { "", null, null },
        { "- - -", null, null },
        { "\\x16\\x03\\x01\\x02", null, null },
        { "GE\\x54 / HTTP/1.1", null, null },
        { "GET ", null, null },
    };

    public static TheoryData<string, long?, long?> Timed => new()
    {
        { "0.005 0.003", 5, 3 },
        { "0.000 -", 0, null },
        { "12.345 0.001, 0.002 : 0.003", 12_345, 6 },
        { "1.000 -, 0.250", 1000, 250 },
        { "1.000 0.1 : -", 1000, 100 },
        { "3 1", 3000, 1000 },
    };

    public static TheoryData<string> NoRequests =>
    [
        "", "-", "[", "\"", "no log", Head, Head + "\"GET / HTTP/1.1\"", Head + "\"GET / HTTP/1.1\" 200", Head + "\"GET / HTTP/1.1\" 200 612 \"-\"",
        Head + "\"GET / HT", Head + "\"GET / HTTP/1.1\" 2000 1 \"-\" \"-\"", Head + "\"GET / HTTP/1.1\" 200 -1 \"-\" \"-\"", Head + "\"GET / HTTP/1.1\" 200 1 \"-\" \"unended",
        Head + "\"GET / HTTP/1.1\" OK 1 \"-\" \"-\"",
        "192.0.2.7 - - [31/Feb/2026:12:51:28 +0000] \"GET / HTTP/1.1\"" + Tail,
        "192.0.2.7 - - [21/Nov/1926:12:51:28 +0000] \"GET / HTTP/1.1\"" + Tail,
        "192.0.2.7 - - [21/nov/2026:12:51:28 +0000] \"GET / HTTP/1.1\"" + Tail,
        "192.0.2.7 - - [21/Nov/2026:24:51:28 +0000] \"GET / HTTP/1.1\"" + Tail,
        "[2026-11-21T12:51:28.123] \"GET / HTTP/1.1\" 200 - 0 1 2 3 \"-\" \"-\" \"-\" \"-\" \"-\"",
        "[2026-13-21T12:51:28Z] \"GET / HTTP/1.1\" 200 - 0 1 2 3 \"-\" \"-\" \"-\" \"-\" \"-\"",
        "[2026-11-21T12:51:28.123Z] \"GET / HTTP/1.1\" 200 - 0 1 2",
    ];

    [Theory]
    [MemberData(nameof(RequestLines))]
    public void Request_line(string text, string? method, string? path)
    {
        var request = Read(Head + $"\"{text}\"" + Tail)!;

        Assert.Equal((method, path), (request.Method, request.Path));
    }

    [Fact]
    public void Combined_has_whole_seconds_and_no_duration()
    {
        var request = Read(Head + "\"GET /x HTTP/1.1\"" + Tail)!;

        Assert.Equal((AccessLogFormat.Combined, T, T, 1000), (request.Format, request.TsStartMs, request.TsEndMs, request.TimeResolutionMs));
        Assert.Equal((200, 612L), (request.Status, request.BytesOut));
        Assert.Null(request.BytesIn ?? request.ResponseTimeMs ?? request.ServiceTimeMs);
    }

    [Theory]
    [InlineData("21/Nov/2026:12:51:28 +0000", 0)]
    [InlineData("21/Nov/2026:14:21:28 +0130", 0)]
    [InlineData("20/Nov/2026:23:51:28 -1300", 0)]
    [InlineData("21/Nov/2026:12:51:60 +0000", 32_000)]
    public void Time_zones(string time, long afterMs) => Assert.Equal(T + afterMs, Read($"::1 - - [{time}] \"GET / HTTP/1.1\"" + Tail)!.TsEndMs);

    [Theory]
    [InlineData("2001:db8::1 - - [21/Nov/2026:12:51:28 +0000] ")]
    [InlineData("unix: - john doe [x [21/Nov/2026:12:51:28 +0000] ")]
    [InlineData("host.example - [not a time] [21/Nov/2026:12:51:28 +0000] ")]
    public void Addresses_and_users(string head) => Assert.Equal(T, Read(head + "\"GET / HTTP/1.1\"" + Tail)!.TsEndMs);

    [Theory]
    [MemberData(nameof(Timed))]
    public void Times_behind_it(string times, long? responseMs, long? serviceMs)
    {
        foreach (var between in (string[])["", " \"203.0.113.9, 10.0.0.1\" \"x\\\"y\""])
        {
            var request = Read(Head + "\"GET / HTTP/1.1\"" + Tail + between + " " + times)!;

            Assert.Equal((AccessLogFormat.NginxTimed, responseMs, serviceMs), (request.Format, request.ResponseTimeMs, request.ServiceTimeMs));
            Assert.Equal((T - responseMs!.Value, T), (request.TsStartMs, request.TsEndMs));
        }
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1 0.1")]
    [InlineData("0.0001 -")]
    [InlineData("0.5 0.1,")]
    [InlineData("0.5 0.1 : ")]
    [InlineData("1e5 0.1")]
    [InlineData("9999999999999 0.1")]
    public void What_is_no_time_leaves_a_combined_line(string times)
    {
        var line = Head + "\"GET / HTTP/1.1\"" + Tail + " " + times;

        Assert.Equal(AccessLogFormat.Combined, Read(line)!.Format);
        Assert.Null(Read(line, AccessLogFormat.NginxTimed));
        Assert.Equal(AccessLogFormat.Combined, Read(Head + "\"GET / HTTP/1.1\"" + Tail + " 0.5 0.1", AccessLogFormat.Combined)!.Format);
    }

    [Fact]
    public void Names_behind_the_times_make_it_exact()
    {
        var request = Read(Head + "\"GET / HTTP/1.1\"" + Tail + " 0.100 - msec=1795265488.789 request_length=77 request_id=c63f8644cb344321b0f45bb8591710a3 pid=12 other=x =\r")!;

        Assert.Equal((T + 689, T + 789, 1), (request.TsStartMs, request.TsEndMs, request.TimeResolutionMs));
        Assert.Equal((77L, 12, "c63f8644-cb34-4321-b0f4-5bb8591710a3"), (request.BytesIn, request.Pid, request.RequestId?.ToString()));
    }

    [Fact]
    public void Envoy_default_format()
    {
        var request = Read("[2026-11-21T12:51:28.310Z] \"POST /api/v1/locations?x HTTP/2\" 204 - 154 7 226 100 \"10.0.35.28\" \"nsq2http\" \"cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2\" \"locations\" \"tcp://10.0.2.1:80\"")!;

        Assert.Equal(
            new AccessLogRequest
            {
                Format = AccessLogFormat.Envoy, TsStartMs = T + 310, TsEndMs = T + 536, TimeResolutionMs = 1, Method = "POST", Path = "/api/v1/locations", Status = 204,
                BytesIn = 154, BytesOut = 7, ResponseTimeMs = 226, ServiceTimeMs = 100, RequestId = Guid.Parse("cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2"),
            },
            request);
    }

    [Fact]
    public void Envoy_with_dashes_and_another_zone()
    {
        var request = Read("[2026-11-21T14:51:28.123456789+02:00] \"- - -\" 0 UH 0 0 - - \"-\" \"-\" \"not a uuid\" \"-\" \"-\"")!;

        Assert.Equal((T + 123, T + 123, null, null, 0), (request.TsStartMs, request.TsEndMs, request.Method, request.Path, request.Status));
        Assert.Null(request.RequestId);
        Assert.Null(request.ResponseTimeMs);
    }

    [Theory]
    [MemberData(nameof(NoRequests))]
    public void Other_lines_hold_no_request(string line)
    {
        foreach (var format in Enum.GetValues<AccessLogFormat>())
        {
            Assert.Null(Read(line, format));
        }
    }

    [Fact]
    public void Trace_ids_depend_on_node_line_and_place()
    {
        var line = Encoding.UTF8.GetBytes(Head + "\"GET / HTTP/1.1\"" + Tail);
        var request = AccessLogLine.TryParse(line, AccessLogFormat.Auto)!;
        var id = AccessLogLine.TraceId(request, line, 1, "n");

        Assert.Equal(id, AccessLogLine.TraceId(request, line, 1, "n"));
        Assert.Equal(8, id.Version);
        Assert.Distinct([id, AccessLogLine.TraceId(request, line, 2, "n"), AccessLogLine.TraceId(request, line, 1, "m"), AccessLogLine.TraceId(request, line.AsSpan(1), 1, "n")]);
    }

    [Fact]
    public void Whatever_a_line_holds_it_is_a_request_in_range_or_none() => Seeds.ForAll(300, random =>
    {
        string[] seeds =
        [
            Head + "\"GET /\\x22 HTTP/1.1\"" + Tail + " 0.100 0.001, 0.002 : 0.003 msec=1795265488.789 request_length=77 pid=12",
            "[2026-11-21T12:51:28.310Z] \"POST /api HTTP/2\" 204 - 154 7 226 100 \"10.0.35.28\" \"nsq2http\" \"cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2\" \"locations\" \"tcp://10.0.2.1:80\"",
        ];
        for (var round = 0; round < 200; round++)
        {
            var line = Encoding.UTF8.GetBytes(seeds[random.Next(seeds.Length)]);
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                var at = random.Next(line.Length);
                line = random.Next(4) switch
                {
                    0 => [.. line[..at], (byte)random.Next(256), .. line[at..]],
                    1 => [.. line[..at], .. line[Math.Min(line.Length, at + random.Next(1, 9))..], (byte)' '],
                    2 => [.. line[..at], .. " \"\\[]-.:=,0"u8.Slice(random.Next(11), 1), .. line[(at + 1)..]],
                    _ => [.. line[..at], .. line[..random.Next(line.Length)], .. line[at..]],
                };
            }

            foreach (var format in Enum.GetValues<AccessLogFormat>())
            {
                if (AccessLogLine.TryParse(line, format) is { } request)
                {
                    Assert.InRange(request.TsStartMs, 1, request.TsEndMs);
                    Assert.InRange(request.TsEndMs, 1, RunClock.LatestMs);
                    Assert.True(request is { Status: null or (>= 0 and <= 999), BytesIn: null or >= 0, BytesOut: null or >= 0, Pid: null or > 0 });
                    Assert.DoesNotContain('?', request.Path ?? "");
                }
            }
        }
    });

    private static AccessLogRequest? Read(string line, AccessLogFormat format = AccessLogFormat.Auto) => AccessLogLine.TryParse(Encoding.UTF8.GetBytes(line), format);
}
