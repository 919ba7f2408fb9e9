using System.Buffers.Text;

namespace Tracekit.Linux;

/// <summary>One line of a file of <c>/proc/pressure</c>: the share of time in which tasks were held up by a scarce resource.</summary>
/// <param name="Avg10Percent">Of the last 10 s, in percent.</param>
/// <param name="TotalUs">Since boot, in µs.</param>
public readonly record struct PressureStall(double Avg10Percent, long TotalUs);

/// <summary>A file of <c>/proc/pressure</c>, pressure stall information (Documentation/accounting/psi.rst).</summary>
/// <param name="Some">At least one task waited.</param>
/// <param name="Full">All tasks that were not idle waited; null where the kernel does not say (the CPU's, before Linux 5.13).</param>
public readonly record struct ProcPressure(PressureStall Some, PressureStall? Full)
{
    /// <summary>Reads the text of the file.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ProcPressure pressure)
    {
        PressureStall? some = null;
        PressureStall? full = null;
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)'\n');
            var line = end < 0 ? text : text[..end];
            if (line.StartsWith("some "u8))
            {
                some = Stall(line);
            }
            else if (line.StartsWith("full "u8))
            {
                full = Stall(line);
            }

            text = end < 0 ? default : text[(end + 1)..];
        }

        pressure = new ProcPressure(some ?? default, full);
        return some is not null;
    }

    private static PressureStall? Stall(ReadOnlySpan<byte> line) =>
        Value(line, " avg10="u8) is { } average && Value(line, " total="u8) is { } total && average is >= 0 and <= 100 && total is >= 0 and < long.MaxValue
            ? new PressureStall(average, (long)total)
            : null;

    // The sum in µs stays exact in a double for 285 years.
    private static double? Value(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name)
    {
        var at = line.IndexOf(name);
        return at >= 0 && Utf8Parser.TryParse(line[(at + name.Length)..], out double value, out _) && double.IsFinite(value) ? value : null;
    }
}
