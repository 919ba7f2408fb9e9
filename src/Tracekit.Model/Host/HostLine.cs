using System.Text;
using System.Text.Json;

namespace Tracekit.Model;

/// <summary>What the lines about a machine have in common.</summary>
public static class HostLine
{
    /// <summary>The most bytes of such a line.</summary>
    public const int MaxBytes = 1024;

    /// <summary>The most bytes of a name in it, quotes included.</summary>
    public const int MaxNameBytes = 512;

    /// <summary>Text from outside as a JSON string in UTF-8, with its quotes; what would be longer than <see cref="MaxNameBytes"/> is cut.</summary>
    public static byte[] Name(string text)
    {
        // The longest escape of one UTF-16 unit has 6 bytes; the encoder writes ASCII only.
        const int LongestEscape = 6;
        var encoded = JsonEncodedText.Encode(text.Length * LongestEscape <= MaxNameBytes - 2 ? text : Cut(text, (MaxNameBytes - 2) / LongestEscape));
        return [(byte)'"', .. encoded.EncodedUtf8Bytes, (byte)'"'];
    }

    internal static JsonLine Begin(Span<byte> destination, long tsMs)
    {
        var line = new JsonLine(destination);
        line.Number("{\"ts_ms\": "u8, tsMs);
        return line;
    }

    internal static int End(ref JsonLine line)
    {
        line.Text("}\n"u8);
        return line.Length;
    }

    private static string Cut(string text, int length)
    {
        var cut = new StringBuilder(length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (cut.Length + rune.Utf16SequenceLength > length)
            {
                break;
            }

            cut.Append(rune.ToString());
        }

        return cut.ToString();
    }
}
