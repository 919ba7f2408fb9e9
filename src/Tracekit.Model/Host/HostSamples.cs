namespace Tracekit.Model;

/// <summary>CPU utilisation of a machine: a line of <c>resources.jsonl</c>.</summary>
/// <param name="TsMs">End of the interval, in ms since the Unix epoch.</param>
/// <param name="CpuUtilPercent">Of all cores together, 0 to 100.</param>
public readonly record struct CpuUtilSample(long TsMs, double CpuUtilPercent)
{
    /// <summary>Writes it as one JSON line with its line feed; returns the bytes written, at most <see cref="HostLine.MaxBytes"/>.</summary>
    public int Format(Span<byte> destination)
    {
        var line = HostLine.Begin(destination, TsMs);
        line.Fixed(", \"cpu_util\": "u8, CpuUtilPercent, 2);
        return HostLine.End(ref line);
    }
}

/// <summary>Free memory of a machine: a line of <c>resources.jsonl</c>.</summary>
/// <param name="TsMs">When, in ms since the Unix epoch.</param>
/// <param name="MemFreeMb">MemFree in MiB.</param>
/// <param name="MemAvailableMb">MemAvailable in MiB; null where the kernel does not say.</param>
public readonly record struct MemFreeSample(long TsMs, long MemFreeMb, long? MemAvailableMb)
{
    /// <inheritdoc cref="CpuUtilSample.Format"/>
    public int Format(Span<byte> destination)
    {
        var line = HostLine.Begin(destination, TsMs);
        line.Number(", \"mem_free_mb\": "u8, MemFreeMb);
        if (MemAvailableMb is { } available)
        {
            line.Number(", \"mem_available_mb\": "u8, available);
        }

        return HostLine.End(ref line);
    }
}

/// <summary>Pressure stall information of a machine: a line of <c>resources.jsonl</c>.</summary>
/// <param name="TsMs">When, in ms since the Unix epoch.</param>
/// <param name="SomeAvg10Percent">Share of the last 10 s in which at least one task waited, in percent.</param>
/// <param name="SomeTotalUs">Such time since boot, in µs.</param>
/// <param name="FullAvg10Percent">Share in which all tasks that were not idle waited; null where the kernel does not say.</param>
/// <param name="FullTotalUs">Such time since boot, in µs.</param>
public readonly record struct PressureSample(long TsMs, double SomeAvg10Percent, long SomeTotalUs, double? FullAvg10Percent, long? FullTotalUs)
{
    /// <inheritdoc cref="CpuUtilSample.Format"/>
    /// <param name="destination">At least <see cref="HostLine.MaxBytes"/> bytes.</param>
    /// <param name="resource">What was short: <c>cpu</c>, <c>memory</c>, <c>io</c> or <c>irq</c>.</param>
    public int Format(Span<byte> destination, ReadOnlySpan<byte> resource)
    {
        var line = HostLine.Begin(destination, TsMs);
        line.Text(", \"psi\": \""u8);
        line.Text(resource);
        line.Fixed("\", \"some_avg10\": "u8, SomeAvg10Percent, 2);
        line.Number(", \"some_total_us\": "u8, SomeTotalUs);
        if (FullAvg10Percent is { } average && FullTotalUs is { } total)
        {
            line.Fixed(", \"full_avg10\": "u8, average, 2);
            line.Number(", \"full_total_us\": "u8, total);
        }

        return HostLine.End(ref line);
    }
}

/// <summary>Energy that a zone used in an interval: a line of <c>resources.jsonl</c>.</summary>
/// <param name="TsMs">End of the interval, in ms since the Unix epoch.</param>
/// <param name="EnergyUj">Energy used in it, in µJ.</param>
/// <param name="IntervalNs">How long it was, in ns.</param>
public readonly record struct EnergySample(long TsMs, long EnergyUj, long IntervalNs)
{
    private const double UjPerJoule = 1e6;
    private const double NsPerSecond = 1e9;

    /// <inheritdoc cref="CpuUtilSample.Format"/>
    /// <param name="destination">At least <see cref="HostLine.MaxBytes"/> bytes.</param>
    /// <param name="zone">The zone's name as a JSON string with its quotes, at most <see cref="HostLine.MaxNameBytes"/> bytes.</param>
    public int Format(Span<byte> destination, ReadOnlySpan<byte> zone)
    {
        var line = HostLine.Begin(destination, TsMs);
        line.Text(", \"zone\": "u8);
        line.Text(zone);
        line.Fixed(", \"energy_j\": "u8, EnergyUj / UjPerJoule, 6);
        line.Fixed(", \"power_w\": "u8, IntervalNs > 0 ? EnergyUj / UjPerJoule / (IntervalNs / NsPerSecond) : 0, 3);
        return HostLine.End(ref line);
    }
}

/// <summary>Traffic of a network interface in an interval: a line of <c>links.jsonl</c>.</summary>
/// <param name="TsMs">End of the interval, in ms since the Unix epoch.</param>
/// <param name="RxBps">Bytes received a second.</param>
/// <param name="TxBps">Bytes sent a second.</param>
public readonly record struct LinkSample(long TsMs, long RxBps, long TxBps)
{
    /// <inheritdoc cref="CpuUtilSample.Format"/>
    /// <param name="destination">At least <see cref="HostLine.MaxBytes"/> bytes.</param>
    /// <param name="link">The link, <c>&lt;node&gt;.nic</c>, as a JSON string with its quotes.</param>
    public int Format(Span<byte> destination, ReadOnlySpan<byte> link)
    {
        var line = HostLine.Begin(destination, TsMs);
        line.Text(", \"link\": "u8);
        line.Text(link);
        line.Number(", \"rx_Bps\": "u8, RxBps);
        line.Number(", \"tx_Bps\": "u8, TxBps);
        return HostLine.End(ref line);
    }
}

/// <summary>A step of the system clock: a line of <c>clock_events.jsonl</c>.</summary>
/// <param name="TsMs">When it was noticed, in ms since the Unix epoch on the clock of the run, which does not step.</param>
/// <param name="StepMs">By how much the system clock jumped ahead (or back, below 0), in ms.</param>
public readonly record struct ClockStep(long TsMs, double StepMs)
{
    /// <inheritdoc cref="CpuUtilSample.Format"/>
    public int Format(Span<byte> destination)
    {
        var line = HostLine.Begin(destination, TsMs);
        line.Fixed(", \"event\": \"clock_step\", \"step_ms\": "u8, StepMs, 3);
        return HostLine.End(ref line);
    }
}
