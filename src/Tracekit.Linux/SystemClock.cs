using System.Runtime.InteropServices;

namespace Tracekit.Linux;

/// <summary>What the kernel knows of how well its wall clock is disciplined (adjtimex(2)).</summary>
/// <param name="IsSynchronised">Somebody keeps it: the kernel does not hold it for unsynchronised.</param>
/// <param name="OffsetMs">What is still to be slewed away, in ms: the last offset that was measured.</param>
/// <param name="MaxErrorMs">The maximum error, in ms; it grows while nobody measures, and stands at 16 s when nobody ever did.</param>
/// <param name="EstErrorMs">The estimated error, in ms.</param>
public readonly record struct SystemClockState(bool IsSynchronised, double OffsetMs, double MaxErrorMs, double EstErrorMs);

/// <summary>The wall clock of this machine.</summary>
public static unsafe class SystemClock
{
    // struct timex of adjtimex(2) on 64-bit Linux: modes at 0, offset 8, freq 16, maxerror 24, esterror 32, status 40.
    private const int TimexBytes = 208;
    private const int StatusUnsynchronised = 0x40;
    private const int StatusNanoseconds = 0x2000;
    private const int TimeError = 5;
    private const int CapSysTime = 25;

    /// <summary>Asks the kernel; changes nothing. Null when it does not answer.</summary>
    public static SystemClockState? Read()
    {
        var timex = stackalloc byte[TimexBytes + 64];
        new Span<byte>(timex, TimexBytes + 64).Clear();
        var state = Libc.AdjTimeX(timex);
        return state < 0 ? null : Decode(state, new ReadOnlySpan<byte>(timex, TimexBytes));
    }

    /// <summary>The kernel's clock source, as <c>tsc</c> or <c>kvm-clock</c>; null when it does not say.</summary>
    public static string? Source()
    {
        try
        {
            return File.ReadAllText("/sys/devices/system/clocksource/clocksource0/current_clocksource").Trim() is { Length: > 0 } name ? name : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>True when this process may set the clock: CAP_SYS_TIME (capabilities(7)) is effective.</summary>
    public static bool MaySet()
    {
        try
        {
            return MaySet(File.ReadAllText("/proc/self/status"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Whether the text of <c>/proc/&lt;pid&gt;/status</c> shows CAP_SYS_TIME in its effective set.</summary>
    internal static bool MaySet(string status)
    {
        foreach (var line in status.Split('\n'))
        {
            if (line.StartsWith("CapEff:", StringComparison.Ordinal))
            {
                return ulong.TryParse(line.AsSpan(7).Trim(), System.Globalization.NumberStyles.AllowHexSpecifier, null, out var set) && (set >> CapSysTime & 1) != 0;
            }
        }

        return false;
    }

    /// <summary>Reads a struct timex.</summary>
    internal static SystemClockState Decode(int state, ReadOnlySpan<byte> timex)
    {
        var status = MemoryMarshal.Read<int>(timex[40..]);
        var perMs = (status & StatusNanoseconds) != 0 ? 1e6 : 1e3;
        return new SystemClockState(
            state != TimeError && (status & StatusUnsynchronised) == 0,
            MemoryMarshal.Read<long>(timex[8..]) / perMs,
            MemoryMarshal.Read<long>(timex[24..]) / 1e3,
            MemoryMarshal.Read<long>(timex[32..]) / 1e3);
    }
}
