namespace Tracekit.Linux;

/// <summary>Clocks of the kernel beyond the wall clock (clock_getres(2), clock_getcpuclockid(3)).</summary>
public static unsafe class CpuClock
{
    private const int ClockBootTime = 7;
    private const int CpuClockSched = 2;

    /// <summary>
    /// CPU time that a process has used, all its threads together, in ns: exact to the scheduler's own accounting, and still readable while
    /// the process is a zombie. False when there is no such process.
    /// </summary>
    public static bool TryReadNs(int pid, out long cpuNs)
    {
        Libc.TimeSpec time;
        var result = Libc.ClockGetTime((~pid << 3) | CpuClockSched, &time);
        cpuNs = time.TotalNs;
        return result == 0;
    }

    /// <summary>CLOCK_BOOTTIME in ns: time since boot, suspension included; the clock of process start times.</summary>
    public static long BootTimeNs()
    {
        Libc.TimeSpec time;
        _ = Libc.ClockGetTime(ClockBootTime, &time);
        return time.TotalNs;
    }
}
