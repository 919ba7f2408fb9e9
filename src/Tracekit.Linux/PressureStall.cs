using System.Buffers.Text;

namespace Tracekit.Linux;

/// <summary>Pressure stall information (Documentation/accounting/psi.rst): how long some task waited for a resource.</summary>
/// <param name="SomeAvg10HundredthsPercent">Share of the last 10 s in which some task waited, in hundredths of a percent.</param>
/// <param name="TotalUs">All the time since boot, or since the group was made, in µs; −1 where the kernel does not say.</param>
public readonly record struct PressureStall(long SomeAvg10HundredthsPercent, long TotalUs)
{
    /// <summary>Not known.</summary>
    public static PressureStall None => new(0, -1);

    /// <summary>Reads the line <c>some avg10=1.23 avg60=… avg300=… total=456</c>.</summary>
    public static PressureStall Parse(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)'\n');
        var line = end < 0 ? text : text[..end];
        var average = line.IndexOf(" avg10="u8);
        var total = line.IndexOf(" total="u8);
        return line.StartsWith("some "u8)
            && average >= 0 && Utf8Parser.TryParse(line[(average + 7)..], out decimal percent, out _) && percent is >= 0 and <= 100
            && total >= 0 && Utf8Parser.TryParse(line[(total + 7)..], out long us, out _) && us >= 0
            ? new PressureStall((long)(percent * 100), us)
            : None;
    }
}
