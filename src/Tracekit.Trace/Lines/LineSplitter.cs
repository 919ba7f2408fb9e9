namespace Tracekit.Trace.Lines;

/// <summary>The lines of a piece of text, blank ones included.</summary>
/// <param name="text">Whole lines; the last one may lack its line feed.</param>
internal ref struct LineSplitter(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private int _next;

    /// <summary>Offset of the current line in the text.</summary>
    public int Offset { get; private set; }

    /// <summary>The current line without its line feed.</summary>
    public ReadOnlySpan<byte> Line { get; private set; }

    /// <summary>False for a last line without a line feed.</summary>
    public bool HasLineFeed { get; private set; }

    /// <summary>True when nothing but white space is in the current line.</summary>
    public readonly bool IsBlank => Line.Length == 0 || (Line[0] is (byte)' ' or (byte)'\t' or (byte)'\r' && !Line.ContainsAnyExcept(" \t\r"u8));

    /// <summary>Goes to the next line; false at the end.</summary>
    public bool MoveNext()
    {
        if (_next >= _text.Length)
        {
            return false;
        }

        var rest = _text[_next..];
        var feed = rest.IndexOf((byte)'\n');
        HasLineFeed = feed >= 0;
        Offset = _next;
        Line = HasLineFeed ? rest[..feed] : rest;
        _next += Line.Length + 1;
        return true;
    }
}
