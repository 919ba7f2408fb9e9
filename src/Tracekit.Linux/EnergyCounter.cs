using System.Buffers.Text;

namespace Tracekit.Linux;

/// <summary>
/// A counter of energy in µJ that begins again at 0 beyond its range (Documentation/power/powercap/powercap.rst: <c>energy_uj</c>, <c>max_energy_range_uj</c>).
/// </summary>
/// <param name="EnergyUj">What it shows.</param>
public readonly record struct EnergyCounter(long EnergyUj)
{
    /// <summary>Reads the text of a file that holds one number of µJ.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out EnergyCounter counter)
    {
        var good = Utf8Parser.TryParse(text, out long uj, out var used) && uj >= 0 && text[used..].TrimEnd((byte)'\n').IsEmpty;
        counter = new EnergyCounter(good ? uj : 0);
        return good;
    }

    /// <summary>
    /// Energy used between two readings, in µJ. Null when it cannot be known: the counter went back, and has no range or showed more than that.
    /// Of an interval in which it wrapped more than once the whole turns are missing, which no reading shows.
    /// </summary>
    /// <param name="before">The reading before.</param>
    /// <param name="after">The reading now.</param>
    /// <param name="rangeUj">The greatest value before it wraps; 0 when not known.</param>
    public static long? UsedUj(EnergyCounter before, EnergyCounter after, long rangeUj) =>
        after.EnergyUj >= before.EnergyUj ? after.EnergyUj - before.EnergyUj
        : before.EnergyUj <= rangeUj ? rangeUj - before.EnergyUj + after.EnergyUj
        : null;
}
