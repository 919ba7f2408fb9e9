using System.Buffers.Text;

namespace Tracekit.Linux;

/// <summary>Reading fields of kernel text from left to right.</summary>
internal ref struct ProcText(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    /// <summary>Passes over <paramref name="count"/> fields and the spaces before each.</summary>
    public bool Skip(int count)
    {
        for (; count > 0; count--)
        {
            TrimSpaces();
            var length = _rest.IndexOfAny((byte)' ', (byte)'\n');
            if (length == 0 || (length < 0 && _rest.IsEmpty))
            {
                return false;
            }

            _rest = length < 0 ? default : _rest[length..];
        }

        return true;
    }

    /// <summary>Reads a whole number.</summary>
    public bool Number(out long value)
    {
        TrimSpaces();
        var good = Utf8Parser.TryParse(_rest, out value, out var used);
        _rest = _rest[used..];
        return good;
    }

    /// <summary>Reads one character that stands alone.</summary>
    public bool Character(out byte value)
    {
        TrimSpaces();
        value = _rest.IsEmpty ? (byte)0 : _rest[0];
        var good = !_rest.IsEmpty;
        _rest = good ? _rest[1..] : _rest;
        return good;
    }

    private void TrimSpaces()
    {
        while (!_rest.IsEmpty && _rest[0] == (byte)' ')
        {
            _rest = _rest[1..];
        }
    }
}
