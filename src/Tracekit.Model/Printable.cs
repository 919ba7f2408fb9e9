using System.Text;

namespace Tracekit.Model;

/// <summary>Text from outside, made fit for one line of a terminal or a log.</summary>
public static class Printable
{
    private const int MaxLength = 200;

    /// <summary>Control characters (line breaks, escape sequences) become '?', and what is longer than 200 characters is cut.</summary>
    public static string Line(string text)
    {
        var cut = text.Length > MaxLength;
        var result = new StringBuilder(Math.Min(text.Length, MaxLength));
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MaxLength)))
        {
            result.Append(char.IsControl(c) ? '?' : c);
        }

        return cut ? result.Append('…').ToString() : result.ToString();
    }
}
