using System.Buffers;
using System.Buffers.Text;

namespace Tracekit.Model;

/// <summary>
/// Writes the fields of one JSON line into a buffer that is known to be large enough: no allocation, no reflection, about 10 ns a field.
/// Only for numbers and constant text; whatever holds text from outside goes through System.Text.Json.
/// </summary>
public ref struct JsonLine(Span<byte> destination)
{
    /// <summary>A nanosecond is the sixth decimal of a millisecond.</summary>
    private const int DecimalsOfMs = 6;

    private readonly Span<byte> _destination = destination;

    /// <summary>Bytes written so far.</summary>
    public int Length { get; private set; }

    /// <summary>Appends constant text.</summary>
    public void Text(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_destination[Length..]);
        Length += text.Length;
    }

    /// <summary>Appends <paramref name="name"/> (with its punctuation) and a whole number.</summary>
    public void Number(ReadOnlySpan<byte> name, long value)
    {
        Text(name);
        Utf8Formatter.TryFormat(value, _destination[Length..], out var written);
        Length += written;
    }

    /// <summary>Appends a finite number with a fixed count of decimals, up to six.</summary>
    public void Fixed(ReadOnlySpan<byte> name, double value, byte decimals)
    {
        Text(name);
        Utf8Formatter.TryFormat(double.IsFinite(value) ? value : 0, _destination[Length..], out var written, new StandardFormat('F', decimals));
        Length += written;
    }

    /// <summary>Appends nanoseconds as milliseconds with as many decimals, up to six, as the value has.</summary>
    public void MillisecondsOfNs(ReadOnlySpan<byte> name, long ns)
    {
        var (whole, fraction) = Math.DivRem(ns, RunClock.NsPerMs);
        if (ns < 0)
        {
            Text(name);
            Text("-"u8);
            Number(default, -whole);
        }
        else
        {
            Number(name, whole);
        }

        fraction = Math.Abs(fraction);
        if (fraction == 0)
        {
            return;
        }

        // Six digits, last one first; what is divided by a constant costs a multiplication.
        var rest = (uint)fraction;
        var digits = _destination.Slice(Length, DecimalsOfMs + 1);
        digits[0] = (byte)'.';
        var used = 0;
        for (var i = DecimalsOfMs; i > 0; i--)
        {
            var digit = rest % 10;
            rest /= 10;
            digits[i] = (byte)('0' + digit);
            used = used == 0 && digit != 0 ? i : used;
        }

        Length += used + 1;
    }
}
