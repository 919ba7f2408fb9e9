namespace Tracekit.Linux;

/// <summary>What a control group used (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/cpuacct.rst, memory.rst); −1 where its kernel does not say.</summary>
/// <param name="UsageUs">CPU time in µs.</param>
/// <param name="Periods">Quota periods that passed.</param>
/// <param name="ThrottledPeriods">Those in which the quota was used up.</param>
/// <param name="ThrottledUs">Time that it was held back, in µs.</param>
/// <param name="MemoryBytes">Memory in use.</param>
/// <param name="MemoryPeakBytes">The most so far.</param>
/// <param name="CpuPressure">Waiting for CPUs; null where its kernel does not say.</param>
/// <param name="MemoryPressure">Waiting for memory; the same.</param>
/// <param name="IoPressure">Waiting for I/O; the same.</param>
public readonly record struct CgroupUsage(
    long UsageUs,
    long Periods,
    long ThrottledPeriods,
    long ThrottledUs,
    long MemoryBytes,
    long MemoryPeakBytes,
    ProcPressure? CpuPressure,
    ProcPressure? MemoryPressure,
    ProcPressure? IoPressure);

/// <summary>A control group under observation, its files kept open; of version 1, those of all its controllers.</summary>
public sealed class CgroupProbe : IDisposable
{
    private const int NsPerUs = 1000;
    private const int TextBytes = 2048;

    private readonly bool _isVersion2;
    private readonly ProcFile? _cpuStat;
    private readonly ProcFile? _cpuUsage;
    private readonly ProcFile? _memory;
    private readonly ProcFile? _memoryPeak;
    private readonly ProcFile?[] _pressure = new ProcFile?[3];

    /// <summary>Opens what there is.</summary>
    public CgroupProbe(CgroupLocation location)
    {
        Path = location.Directory;
        _isVersion2 = location.Controller.Length == 0;
        if (_isVersion2)
        {
            _cpuStat = Open(Path, "cpu.stat");
            _memory = Open(Path, "memory.current");
            _memoryPeak = Open(Path, "memory.peak");
            _pressure = [Open(Path, "cpu.pressure"), Open(Path, "memory.pressure"), Open(Path, "io.pressure")];
            return;
        }

        _cpuStat = Open(location.Siblings.GetValueOrDefault("cpu"), "cpu.stat");
        _cpuUsage = Open(location.Siblings.GetValueOrDefault("cpuacct"), "cpuacct.usage");
        _memory = Open(location.Siblings.GetValueOrDefault("memory"), "memory.usage_in_bytes");
        _memoryPeak = Open(location.Siblings.GetValueOrDefault("memory"), "memory.max_usage_in_bytes");
    }

    /// <summary>Its directory.</summary>
    public string Path { get; }

    /// <summary>Reads it.</summary>
    public CgroupUsage Read()
    {
        Span<byte> buffer = stackalloc byte[TextBytes];
        var cpu = Text(_cpuStat, buffer);
        var (periods, throttled) = (ProcPidFields.Number(cpu, "nr_periods "u8), ProcPidFields.Number(cpu, "nr_throttled "u8));
        var throttledUs = _isVersion2 ? ProcPidFields.Number(cpu, "throttled_usec "u8) : Microseconds(ProcPidFields.Number(cpu, "throttled_time "u8));
        var usageUs = _isVersion2 ? ProcPidFields.Number(cpu, "usage_usec "u8) : Microseconds(ProcPidFields.Number(Text(_cpuUsage, buffer), default));
        return new CgroupUsage(
            usageUs,
            periods,
            throttled,
            throttledUs,
            ProcPidFields.Number(Text(_memory, buffer), default),
            ProcPidFields.Number(Text(_memoryPeak, buffer), default),
            Pressure(_pressure[0], buffer),
            Pressure(_pressure[1], buffer),
            Pressure(_pressure[2], buffer));
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        _cpuStat?.Dispose();
        _cpuUsage?.Dispose();
        _memory?.Dispose();
        _memoryPeak?.Dispose();
        foreach (var file in _pressure)
        {
            file?.Dispose();
        }
    }

    private static ProcPressure? Pressure(ProcFile? file, Span<byte> buffer) => ProcPressure.TryParse(Text(file, buffer), out var pressure) ? pressure : null;

    private static long Microseconds(long ns) => ns < 0 ? -1 : ns / NsPerUs;

    private static ProcFile? Open(string? directory, string name) => directory is null ? null : ProcFile.TryOpen($"{directory}/{name}");

    private static ReadOnlySpan<byte> Text(ProcFile? file, Span<byte> buffer) => file is null ? default : buffer[..Math.Max(0, file.Read(buffer))];
}
