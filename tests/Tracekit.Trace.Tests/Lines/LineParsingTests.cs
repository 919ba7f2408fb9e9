using System.Text;
using Tracekit.Trace.Lines;

namespace Tracekit.Trace.Tests.Lines;

public sealed class LineParsingTests
{
    private const string Good = """{"ts_ms": 1795227469878, "pid": 15466, "rss_kb": 712, "utime": 3, "stime": 4, "cpu_ns": 70000001, "children_cpu_ns": 10000000, "kind": "exit"}""";
    private const string GoodWindow = """{"ts_ms": 1795227469878, "pid": 15466, "dt_ms": 200, "cpu_ms": 199.000001, "rss_kb": 712, "children_cpu_ms": 0.5, "cpu_before_ms": 3, "kind": "start"}""";

    public static TheoryData<string, bool> SampleLines => new()
    {
        { Good, true },
        { """{"stime":4,"utime":3,"rss_kb":712,"pid":15466,"ts_ms":1}""", true },
        { "  { \"ts_ms\" :\t1 , \"pid\":1,\"rss_kb\":0,\"utime\":0,\"stime\":0 } \r", true },
        { """{"ts_ms": 1, "pid": 1, "rss_kb": 0, "utime": 0, "stime": 0, "cpu_ns": null, "new": {"a": [1, 2]}, "more": "x"}""", true },
        { """{"ts_ms": 1, "\u0070id": 1, "rss_kb": 0, "utime": 0, "stime": 0}""", true },
        { """{"ts_ms": 1, "pid": 9, "pid": 1, "rss_kb": 0, "utime": 0, "stime": 0, "kind": "later"}""", true },
        { """{"ts_ms": 1, "pid": 1, "rss_kb": 0, "utime": 0, "stime": 0, "cpu_ns": -1}""", true },
        { """{"ts_ms": 1, "pid": 1, "rss_kb": 0, "utime": 0}""", false },
        { """{"ts_ms": 1.5, "pid": 1, "rss_kb": 0, "utime": 0, "stime": 0}""", false },
        { """{"ts_ms": "1", "pid": 1, "rss_kb": 0, "utime": 0, "stime": 0}""", false },
        { """{"ts_ms": 1, "pid": 0, "rss_kb": 0, "utime": 0, "stime": 0}""", false },
        { """{"ts_ms": 1, "pid": 4294967297, "rss_kb": 0, "utime": 0, "stime": 0}""", false },
        { """{"ts_ms": 1, "pid": 1, "rss_kb": -1, "utime": 0, "stime": 0}""", false },
        { """{"ts_ms": 01, "pid": 1, "rss_kb": 0, "utime": 0, "stime": 0}""", false },
        { """{"ts_ms": 99999999999999999999, "pid": 1, "rss_kb": 0, "utime": 0, "stime": 0}""", false },
        { """{"ts_ms": 1, "pid": 1, "rss_kb": 0, "utime": 0, "stime": 0, "cpu_ns": 9223372036854775807}""", false },
        { """{"ts_ms": 1, "pid": 1, "rss_kb": 0, "utime": 0, "stime": 0}}""", false },
        { """{"ts_ms": 1, "pid": 1, "rss_kb": 0, "utime": 0, "stime": 0""", false },
        { """{"ts_ms": 1, "pid": 1, "rss_kb": 0, "utime": 0, "stime": 0,}""", false },
        { """[1, 2, 3]""", false },
        { "{}", false },
        { "null", false },
        { "", false },
        { "\0\0\0\0", false },
    };

    public static TheoryData<string, bool> WindowLines => new()
    {
        { GoodWindow, true },
        { """{"ts_ms": 1795227470078, "pid": 15466, "dt_ms": 200, "cpu_ms": 40, "rss_kb": 7040}""", true },
        { """{"ts_ms": 1795227470078, "pid": 15466, "dt_ms": 200, "cpu_ms": 129.99999999999997, "rss_kb": 7040}""", true },
        { """{"ts_ms": 1795227470078, "pid": 15466, "dt_ms": 200, "cpu_ms": 4e1, "rss_kb": 7040}""", true },
        { """{"ts_ms": 1795227470078, "pid": 15466, "dt_ms": 200, "cpu_ms": 1e300, "rss_kb": 7040}""", false },
        { """{"ts_ms": 1795227470078, "pid": 15466, "dt_ms": 200, "cpu_ms": -1, "rss_kb": 7040}""", false },
        { """{"ts_ms": 1795227470078, "pid": 15466, "dt_ms": -200, "cpu_ms": 1, "rss_kb": 7040}""", false },
        { """{"ts_ms": 1795227470078, "pid": 15466, "dt_ms": 1795227470078, "cpu_ms": 1, "rss_kb": 7040}""", false },
        { """{"ts_ms": 1795227470078, "pid": 15466, "dt_ms": 200, "cpu_ms": 1, "rss_kb": 7040, "children_cpu_ms": 2}""", false },
        { """{"ts_ms": 1795227470078, "pid": 15466, "dt_ms": 200, "cpu_ms": 1., "rss_kb": 7040}""", false },
        { """{"ts_ms": 1795227470078, "pid": 15466, "dt_ms": 200, "cpu_ms": "NaN", "rss_kb": 7040}""", false },
    };

    [Theory]
    [MemberData(nameof(SampleLines))]
    public void A_sample_line_is_taken_or_not(string line, bool isGood) =>
        Assert.Equal(isGood, SampleLine.TryParse(Encoding.UTF8.GetBytes(line), out _));

    [Theory]
    [MemberData(nameof(WindowLines))]
    public void A_window_line_is_taken_or_not(string line, bool isGood) =>
        Assert.Equal(isGood, WindowLine.TryParse(Encoding.UTF8.GetBytes(line), out _));

    [Fact]
    public void Every_field_of_a_sample_is_read()
    {
        Assert.True(SampleLine.TryParse(Encoding.UTF8.GetBytes(Good), out var sample));

        Assert.Equal(new ProcessSample(1795227469878, 15466, 712, 3, 4, 70_000_001, 10_000_000, SampleKind.Exit), sample);
    }

    [Fact]
    public void Every_field_of_a_window_is_read()
    {
        Assert.True(WindowLine.TryParse(Encoding.UTF8.GetBytes(GoodWindow), out var window));

        Assert.Equal(new CpuWindow(1795227469878, 15466, 200, 199_000_001, 712, 500_000, 3_000_000, SampleKind.Start), window);
    }

    [Fact]
    public void What_is_written_takes_the_fast_path()
    {
        Assert.True(SampleLine.TryParseOurs(Encoding.UTF8.GetBytes(Good), out _));
        Assert.True(SampleLine.TryParseFast(Encoding.UTF8.GetBytes(Good[..Good.LastIndexOf('}')] + ", \"pss_kb\": 7, \"run_wait_ns\": 12345}"), out _));
        Assert.True(SampleLine.TryParseFast(Encoding.UTF8.GetBytes(Good), out _));
        Assert.True(WindowLine.TryParseOurs(Encoding.UTF8.GetBytes(GoodWindow), out _));
        Assert.True(WindowLine.TryParseFast(Encoding.UTF8.GetBytes(GoodWindow), out _));
    }

    [Fact]
    public void What_the_fast_path_takes_is_what_the_json_reader_reads() => Seeds.ForAll(3000, random =>
    {
        var line = Mutated(random.Next(2) == 0 ? Good : """{"ts_ms": 17, "pid": 15, "rss_kb": 7, "utime": 0, "stime": 4}""", random);
        var fast = SampleLine.TryParseFast(line, out var sample);
        var ours = SampleLine.TryParseOurs(line, out var spelled);
        var any = SampleLine.TryParseAny(line, out var judged);

        Assert.True(!fast || (any && sample == judged), Encoding.UTF8.GetString(line));
        Assert.True(!ours || (any && spelled == judged), Encoding.UTF8.GetString(line));
    });

    [Fact]
    public void What_the_fast_path_takes_of_windows_is_what_the_json_reader_reads() => Seeds.ForAll(3000, random =>
    {
        var line = Mutated(GoodWindow, random);
        var fast = WindowLine.TryParseFast(line, out var window);
        var ours = WindowLine.TryParseOurs(line, out var spelled);
        var any = WindowLine.TryParseAny(line, out var judged);

        Assert.True(!fast || (any && window == judged), Encoding.UTF8.GetString(line));
        Assert.True(!ours || (any && spelled == judged), Encoding.UTF8.GetString(line));
    });

    private static byte[] Mutated(string line, Random random)
    {
        const string Alphabet = "0123456789.,:{}[]\" \teE+-\\x";
        var bytes = Encoding.UTF8.GetBytes(line).ToList();
        for (var i = random.Next(4); i > 0 && bytes.Count > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0: bytes[at] = (byte)Alphabet[random.Next(Alphabet.Length)]; break;
                case 1: bytes.Insert(at, (byte)Alphabet[random.Next(Alphabet.Length)]); break;
                case 2: bytes.RemoveAt(at); break;
                default: bytes[at] = (byte)random.Next(256); break;
            }
        }

        bytes.RemoveAll(b => b == '\n');
        return [.. bytes];
    }
}
