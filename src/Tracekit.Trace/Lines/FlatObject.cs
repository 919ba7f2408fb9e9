namespace Tracekit.Trace.Lines;

/// <summary>What follows a value in a flat object.</summary>
internal enum After
{
    /// <summary>Another field.</summary>
    Field,

    /// <summary>The end of the line.</summary>
    End,

    /// <summary>Something that only a full JSON reader should judge.</summary>
    Surprise,
}

/// <summary>
/// Walks over one line that holds a flat JSON object of short names and plain numbers, about ten times as fast as a full JSON reader. It
/// knows
/// only the common case: on anything else (escapes, nesting, signs, exponents, leading zeros) every method says so, and the caller hands
/// the line to
/// <see cref="System.Text.Json.Utf8JsonReader"/>. What it accepts is always valid JSON.
/// </summary>
/// <param name="line">The line without its line feed.</param>
internal ref struct FlatObject(ReadOnlySpan<byte> line)
{
    /// <summary>18 digits always fit a long.</summary>
    private const int MaxDigits = 18;

    private readonly ReadOnlySpan<byte> _line = line;
    private int _at;

    /// <summary>Steps over the opening brace.</summary>
    public bool Open()
    {
        SkipSpace();
        return Take((byte)'{');
    }

    /// <summary>
    /// Steps over <paramref name="text"/> if it comes next: a whole <c>, "name": </c> at once, for lines that are spelled just as we spell
    /// them.
    /// </summary>
    public bool Skip(ReadOnlySpan<byte> text)
    {
        if (!_line[_at..].StartsWith(text))
        {
            return false;
        }

        _at += text.Length;
        return true;
    }

    /// <summary>True at the end of the line.</summary>
    public readonly bool IsAtEnd => _at == _line.Length;

    /// <summary>Reads a name and its colon.</summary>
    public bool Name(out ReadOnlySpan<byte> name)
    {
        name = default;
        SkipSpace();
        if (!Take((byte)'"'))
        {
            return false;
        }

        // Counted in locals: a field would be stored again for every byte.
        var rest = _line[_at..];
        var length = 0;
        while (length < rest.Length && rest[length] is > 0x20 and < 0x7f and not (byte)'"' and not (byte)'\\')
        {
            length++;
        }

        name = rest[..length];
        _at += length;
        if (!Take((byte)'"'))
        {
            return false;
        }

        SkipSpace();
        if (!Take((byte)':'))
        {
            return false;
        }

        SkipSpace();
        return true;
    }

    /// <summary>Reads a whole number of at most 18 digits without a sign.</summary>
    public bool Integer(out long value)
    {
        var start = _at;
        value = Digits();
        var digits = _at - start;
        return digits is > 0 and <= MaxDigits && (digits == 1 || _line[start] != '0');
    }

    /// <summary>Reads a number of milliseconds with at most six decimals, as nanoseconds.</summary>
    public bool MillisecondsAsNs(out long ns)
    {
        const int WholeDigits = MaxDigits - 6;
        var start = _at;
        if (!Integer(out ns) || _at - start > WholeDigits)
        {
            return false;
        }

        ns *= RunClock.NsPerMs;
        if (!Take((byte)'.'))
        {
            return true;
        }

        start = _at;
        var fraction = Digits();
        var decimals = _at - start;
        if (decimals is 0 or > 6)
        {
            return false;
        }

        for (var i = decimals; i < 6; i++)
        {
            fraction *= 10;
        }

        ns += fraction;
        return true;
    }

    /// <summary>Reads the kind of a sample.</summary>
    public bool Kind(out SampleKind kind)
    {
        kind = SampleKind.Tick;
        var rest = _line[_at..];
        if (rest.StartsWith("\"exit\""u8))
        {
            kind = SampleKind.Exit;
            _at += 6;
            return true;
        }

        if (rest.StartsWith("\"start\""u8))
        {
            kind = SampleKind.Start;
            _at += 7;
            return true;
        }

        return false;
    }

    /// <summary>Steps over the comma or the closing brace after a value.</summary>
    public After Next()
    {
        SkipSpace();
        if (Take((byte)','))
        {
            return After.Field;
        }

        if (!Take((byte)'}'))
        {
            return After.Surprise;
        }

        SkipSpace();
        return _at == _line.Length ? After.End : After.Surprise;
    }

    private long Digits()
    {
        long value = 0;
        var digits = _line.Slice(_at, Math.Min(_line.Length - _at, MaxDigits + 1));
        var count = 0;
        for (; count < digits.Length; count++)
        {
            var digit = (uint)(digits[count] - '0');
            if (digit > 9)
            {
                break;
            }

            value = (value * 10) + digit;
        }

        _at += count;
        return value;
    }

    private bool Take(byte expected)
    {
        if (_at < _line.Length && _line[_at] == expected)
        {
            _at++;
            return true;
        }

        return false;
    }

    private void SkipSpace()
    {
        while (_at < _line.Length && _line[_at] is (byte)' ' or (byte)'\t' or (byte)'\r')
        {
            _at++;
        }
    }
}
