using System.Globalization;
using System.Text;

namespace Tracekit.Telemetry.Prometheus;

/// <summary>
/// Writes a page in Prometheus' text exposition format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats): for each metric HELP, TYPE and all
/// its samples together; '\', '"' and line feeds in label values escaped, every other byte as it is.
/// </summary>
internal sealed class MetricPage
{
    private readonly StringBuilder _text = new(4096);
    private string _name = "";

    /// <summary>Begins a metric that only grows; its name ends in <c>_total</c>.</summary>
    public MetricPage Counter(string name, string help) => Begin(name, "counter", help);

    /// <summary>Begins a metric that goes up and down.</summary>
    public MetricPage Gauge(string name, string help) => Begin(name, "gauge", help);

    /// <summary>A sample of the metric that was begun last.</summary>
    /// <param name="value">In the metric's unit; written so that it reads back as the same number.</param>
    /// <param name="labels">Names of [a-zA-Z_][a-zA-Z0-9_]* and any values, in a fixed order.</param>
    public MetricPage Sample(double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        _text.Append(_name);
        for (var i = 0; i < labels.Length; i++)
        {
            _text.Append(i == 0 ? '{' : ',').Append(labels[i].Name).Append("=\"");
            Escape(labels[i].Value);
            _text.Append('"');
        }

        _text.Append(labels.IsEmpty ? " " : "} ").Append(value switch
        {
            double.PositiveInfinity => "+Inf",
            double.NegativeInfinity => "-Inf",
            _ => value.ToString("R", CultureInfo.InvariantCulture),
        }).Append('\n');
        return this;
    }

    /// <summary>The page as UTF-8.</summary>
    public byte[] ToUtf8() => Encoding.UTF8.GetBytes(_text.ToString());

    private MetricPage Begin(string name, string type, string help)
    {
        _name = name;
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        return this;
    }

    private void Escape(string value)
    {
        foreach (var c in value)
        {
            _ = c switch
            {
                '\\' => _text.Append(@"\\"),
                '"' => _text.Append("\\\""),
                '\n' => _text.Append(@"\n"),
                _ => _text.Append(c),
            };
        }
    }
}
