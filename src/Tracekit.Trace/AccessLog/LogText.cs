using System.Buffers.Text;
using System.Text;

namespace Tracekit.Trace.AccessLog;

/// <summary>Walks over the fields of one line of an access log. Each method steps over what it reads, and says whether it was there.</summary>
/// <param name="line">The line without its line feed.</param>
internal ref struct LogText(ReadOnlySpan<byte> line)
{
    /// <summary>12 digits: 31,000 years of ms, or 900 GiB.</summary>
    private const int MaxDigits = 12;

    private ReadOnlySpan<byte> _rest = line;

    /// <summary>What was not stepped over yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>True at the end of the line.</summary>
    public readonly bool IsAtEnd => _rest.IsEmpty;

    /// <summary>Steps over constant text.</summary>
    public bool Skip(ReadOnlySpan<byte> text)
    {
        if (!_rest.StartsWith(text))
        {
            return false;
        }

        _rest = _rest[text.Length..];
        return true;
    }

    /// <summary>Reads up to the next space or the end; empty is none.</summary>
    public bool Word(out ReadOnlySpan<byte> word)
    {
        var space = _rest.IndexOf((byte)' ');
        word = space < 0 ? _rest : _rest[..space];
        _rest = _rest[word.Length..];
        return word.Length > 0;
    }

    /// <summary>Reads text in quotation marks, in which a backslash stands before what is no end of it.</summary>
    public bool Quoted(out ReadOnlySpan<byte> text)
    {
        text = default;
        if (_rest.IsEmpty || _rest[0] != '"')
        {
            return false;
        }

        for (var i = 1; i < _rest.Length; i++)
        {
            if (_rest[i] == '\\')
            {
                i++;
            }
            else if (_rest[i] == '"')
            {
                text = _rest[1..i];
                _rest = _rest[(i + 1)..];
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads a whole number; a dash, as the field of a thing that was not there, is null.</summary>
    public bool NumberOrDash(out long? number)
    {
        number = null;
        if (!Word(out var word))
        {
            return false;
        }

        if (word is [(byte)'-'])
        {
            return true;
        }

        var isNumber = TryWhole(word, out var value);
        number = isNumber ? value : null;
        return isNumber;
    }

    /// <summary>A whole number of up to 12 digits without a sign.</summary>
    public static bool TryWhole(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        return text.Length is > 0 and <= MaxDigits && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9') && Utf8Parser.TryParse(text, out value, out _);
    }

    /// <summary>Seconds with up to three decimals, as ms.</summary>
    public static bool TrySecondsAsMs(ReadOnlySpan<byte> text, out long ms)
    {
        ms = 0;
        var point = text.IndexOf((byte)'.');
        var whole = point < 0 ? text : text[..point];
        if (!TryWhole(whole, out var seconds))
        {
            return false;
        }

        ms = seconds * 1000;
        if (point < 0)
        {
            return true;
        }

        var decimals = text[(point + 1)..];
        if (decimals.Length > 3 || !TryWhole(decimals, out var fraction))
        {
            return false;
        }

        ms += fraction * (decimals.Length == 1 ? 100 : decimals.Length == 2 ? 10 : 1);
        return true;
    }

    /// <summary>
    /// Text in which nginx has written <c>\xHH</c> for a byte that would not be safe in a log, and <c>\"</c> and <c>\\</c>; what is no UTF-8
    /// then becomes U+FFFD.
    /// </summary>
    public static string Unescape(ReadOnlySpan<byte> text)
    {
        if (!text.Contains((byte)'\\'))
        {
            return Encoding.UTF8.GetString(text);
        }

        var bytes = new byte[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length && text[i + 1] == 'x' && Utf8Parser.TryParse(text.Slice(i + 2, 2), out byte value, out var used, 'x') && used == 2)
            {
                bytes[length++] = value;
                i += 3;
            }
            else if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is (byte)'"' or (byte)'\\')
            {
                bytes[length++] = text[++i];
            }
            else
            {
                bytes[length++] = text[i];
            }
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }
}
