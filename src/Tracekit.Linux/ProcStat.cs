namespace Tracekit.Linux;

/// <summary>CPU time of all cores together since boot, the first line of <c>/proc/stat</c> (proc_stat(5)), in clock ticks.</summary>
/// <param name="UserTicks">Programs; the time of guests of a hypervisor is in it.</param>
/// <param name="NiceTicks">Programs of lower priority.</param>
/// <param name="SystemTicks">The kernel.</param>
/// <param name="IdleTicks">Nothing to do.</param>
/// <param name="IowaitTicks">Nothing to do while a disk was waited for; 0 before Linux 2.5.41.</param>
/// <param name="IrqTicks">Interrupts.</param>
/// <param name="SoftirqTicks">Soft interrupts.</param>
/// <param name="StealTicks">Wanted, but given to other virtual machines.</param>
public readonly record struct ProcStat(
    long UserTicks, long NiceTicks, long SystemTicks, long IdleTicks, long IowaitTicks, long IrqTicks, long SoftirqTicks, long StealTicks)
{
    private const int FieldCount = 8;
    private const int IdleField = 3;
    private const int IowaitField = 4;

    /// <summary>Reads the first line of the file: at least user, nice, system and idle; a field that an older kernel does not have is 0.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ProcStat stat)
    {
        stat = default;
        var end = text.IndexOf((byte)'\n');
        var line = end < 0 ? text : text[..end];
        if (!line.StartsWith("cpu "u8))
        {
            return false;
        }

        var fields = new ProcText(line[4..]);
        Span<long> values = stackalloc long[FieldCount];
        var count = 0;
        while (count < FieldCount && fields.Number(out var value))
        {
            if (value < 0)
            {
                return false;
            }

            values[count++] = value;
        }

        stat = new ProcStat(values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7]);
        return count > IdleField;
    }

    /// <summary>
    /// CPU utilisation between two readings, in percent of all cores, 0 to 100: what was neither idle nor waiting for a disk. Null when no time passed.
    /// A counter that went back (the kernel's iowait does) counts as one that stood still.
    /// </summary>
    public static double? UtilisationPercent(in ProcStat before, in ProcStat after)
    {
        ReadOnlySpan<long> old = [before.UserTicks, before.NiceTicks, before.SystemTicks, before.IdleTicks, before.IowaitTicks, before.IrqTicks, before.SoftirqTicks, before.StealTicks];
        ReadOnlySpan<long> now = [after.UserTicks, after.NiceTicks, after.SystemTicks, after.IdleTicks, after.IowaitTicks, after.IrqTicks, after.SoftirqTicks, after.StealTicks];
        double all = 0;
        double idle = 0;
        for (var field = 0; field < FieldCount; field++)
        {
            double passed = Math.Max(0, now[field] - old[field]);
            all += passed;
            idle += field is IdleField or IowaitField ? passed : 0;
        }

        return all > 0 ? Math.Min(100, 100 * (all - idle) / all) : null;
    }
}
