namespace Tracekit.Linux;

/// <summary>Constants of the running kernel (sysconf(3)).</summary>
public static class Kernel
{
    private const int ScClkTck = 2;
    private const int ScPageSize = 30;

    /// <summary>Clock ticks a second, in which /proc gives CPU times; 100 on every common kernel.</summary>
    public static long ClockTicksPerSecond { get; } = Libc.SysConf(ScClkTck);

    /// <summary>Nanoseconds in a clock tick.</summary>
    public static long NsPerClockTick { get; } = 1_000_000_000 / ClockTicksPerSecond;

    /// <summary>Size of a memory page in bytes: 4096, but 16384 or 65536 on some arm64 kernels.</summary>
    public static long PageSizeBytes { get; } = Libc.SysConf(ScPageSize);
}
