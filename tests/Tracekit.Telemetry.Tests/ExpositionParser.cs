using System.Globalization;
using System.Text;

namespace Tracekit.Telemetry.Tests;

/// <summary>A sample of a page.</summary>
internal sealed record ExpositionSample(string Metric, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>
/// Reads a page by the rules of the text exposition format 0.0.4, and by no more than those: ends in a line feed; HELP and TYPE once, before the metric's
/// samples; a metric's samples together; no series twice; names in their grammar; counters end in _total.
/// </summary>
internal sealed class ExpositionParser(string text)
{
    private readonly Dictionary<string, string> _types = [];
    private readonly HashSet<string> _helped = [];
    private readonly HashSet<string> _closed = [];
    private readonly HashSet<string> _series = [];
    private int _at;
    private string _current = "";

    public static (List<ExpositionSample> Samples, IReadOnlyDictionary<string, string> Types) Parse(byte[] utf8)
    {
        var parser = new ExpositionParser(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(utf8));
        return (parser.Samples(), parser._types);
    }

    private List<ExpositionSample> Samples()
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var samples = new List<ExpositionSample>();
        while (_at < text.Length)
        {
            if (text[_at] == '#')
            {
                Comment();
            }
            else
            {
                samples.Add(Sample());
            }
        }

        return samples;
    }

    private void Comment()
    {
        var end = text.IndexOf('\n', _at);
        var words = text[_at..end].Split(' ', 4);
        _at = end + 1;
        Assert.Equal(4, words.Length);
        Enter(words[2]);
        if (words[1] == "HELP")
        {
            Assert.True(_helped.Add(words[2]), $"HELP twice: {words[2]}");
        }
        else
        {
            Assert.Equal("TYPE", words[1]);
            Assert.Contains(words[3], new[] { "counter", "gauge" });
            Assert.True(_types.TryAdd(words[2], words[3]), $"TYPE twice: {words[2]}");
            Assert.Equal(words[3] == "counter", words[2].EndsWith("_total", StringComparison.Ordinal));
        }
    }

    private ExpositionSample Sample()
    {
        var start = _at;
        var name = Name();
        Assert.Equal(_current, name);
        Assert.Contains(name, _types.Keys);
        Assert.Contains(name, _helped);
        var labels = new Dictionary<string, string>();
        if (text[_at] == '{')
        {
            do
            {
                _at++;
                var label = Name();
                Expect('=');
                Expect('"');
                Assert.True(labels.TryAdd(label, Quoted()));
            }
            while (text[_at] == ',');
            Expect('}');
        }

        Assert.True(_series.Add(text[start.._at]), "a series twice: " + text[start.._at]);
        Expect(' ');
        var end = text.IndexOf('\n', _at);
        var value = double.Parse(text[_at..end], NumberStyles.Float, CultureInfo.InvariantCulture);
        _at = end + 1;
        return new ExpositionSample(name, labels, value);
    }

    private void Enter(string metric)
    {
        if (metric == _current)
        {
            return;
        }

        Assert.Matches("^[a-zA-Z_:][a-zA-Z0-9_:]*$", metric);
        _closed.Add(_current);
        Assert.DoesNotContain(metric, _closed);
        _current = metric;
    }

    private string Name()
    {
        var start = _at;
        while (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_')
        {
            _at++;
        }

        Assert.True(_at > start && !char.IsAsciiDigit(text[start]), "no name at: " + text[start..Math.Min(text.Length, start + 20)]);
        return text[start.._at];
    }

    private string Quoted()
    {
        var value = new StringBuilder();
        while (text[_at] != '"')
        {
            Assert.NotEqual('\n', text[_at]);
            if (text[_at] == '\\')
            {
                _at++;
                value.Append(text[_at] switch { 'n' => '\n', '\\' => '\\', '"' => '"', _ => throw new InvalidDataException("an escape that there is none of") });
            }
            else
            {
                value.Append(text[_at]);
            }

            _at++;
        }

        _at++;
        return value.ToString();
    }

    private void Expect(char c) => Assert.Equal(c, text[_at++]);
}
