namespace Tracekit.Model.Tests;

public sealed class JsonLinesTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("", 0, 0, false)]
    [InlineData("{\"pid\":1}\n", 1, 0, false)]
    [InlineData("{\"pid\":1}\n{\"pid\":2}", 2, 0, false)]
    [InlineData("{\"pid\":1}\n{\"pid\":", 1, 0, true)]
    [InlineData("{\"pid\":1}\nnot json\n{\"pid\":2}\n", 3, 1, false)]
    [InlineData("{\"pid\":\"x\"}\n[]\nnull\n", 3, 3, false)]
    [InlineData("\n \n\t\r\n{\"pid\":1}\r\n", 1, 0, false)]
    [InlineData("{\"pid\":1,\"unknown\":{\"a\":[1]}}\n", 1, 0, false)]
    public void Bad_lines_are_counted_and_a_torn_tail_is_forgiven(string text, long lines, long bad, bool torn)
    {
        var read = new List<Invocation>();

        var count = JsonLines.Read(_directory.Write("f", text), TraceJson.Default.Invocation, read.Add);

        Assert.Equal(new JsonLinesCount(lines, bad, torn), count);
        Assert.Equal(lines - bad, read.Count);
    }

    [Fact]
    public void A_missing_file_is_an_empty_one() =>
        Assert.Equal(default, JsonLines.Read(_directory.File("none"), TraceJson.Default.Invocation, _ => Assert.Fail("a record from nowhere")));

    [Fact]
    public void A_line_that_is_too_long_is_bad_and_the_next_is_read()
    {
        var path = _directory.Write("f", "{\"path\":\"" + new string('x', JsonLines.MaxLineBytes) + "\"}\n{\"pid\":2}\n");
        var read = new List<Invocation>();

        var count = JsonLines.Read(path, TraceJson.Default.Invocation, read.Add);

        Assert.Equal(new JsonLinesCount(2, 1, false), count);
        Assert.Equal(2, Assert.Single(read).Pid);
    }

    [Fact]
    public void An_invocation_is_written_with_the_contracts_names_and_read_back_equal()
    {
        var invocation = new Invocation { TraceId = "t", TsEnqueue = 1, Input = "ü \"x\"\n.mp4", CpuTimeMs = 1.5, Nvcsw = 3 };

        var line = JsonLines.Serialize(invocation, TraceJson.Default.Invocation);

        Assert.Equal(1, line.Count(b => b == '\n'));
        var text = System.Text.Encoding.UTF8.GetString(line);
        Assert.StartsWith("{\"trace_id\":\"t\",\"span_id\":null,\"parent_id\":null,\"module_id\":null,\"instance_id\":null,\"ts_enqueue\":1,", text, StringComparison.Ordinal);
        Assert.DoesNotContain("max_rss_kb", text, StringComparison.Ordinal);
        var read = new List<Invocation>();
        JsonLines.Read(_directory.Write("f", text), TraceJson.Default.Invocation, read.Add);
        Assert.Equal(invocation, Assert.Single(read));
    }
}
