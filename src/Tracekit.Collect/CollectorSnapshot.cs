namespace Tracekit.Collect;

/// <summary>A process as it was at its last sample.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="ParentPid">Its parent when it was first seen.</param>
/// <param name="CommandName">Its command name (proc_pid_comm(5)).</param>
/// <param name="StartTimeMs">When it started, in ms since the Unix epoch.</param>
/// <param name="CpuUserNs">User CPU time since it began, in ns (in steps of a clock tick).</param>
/// <param name="CpuSystemNs">System CPU time since it began, in ns (in steps of a clock tick).</param>
/// <param name="CpuNs">CPU time since it began, in ns, exact.</param>
/// <param name="RssKb">Resident set in KiB.</param>
/// <param name="Threads">Threads; null when not asked for.</param>
public readonly record struct ProcessReading(
    int Pid, int ParentPid, string CommandName, long StartTimeMs, long CpuUserNs, long CpuSystemNs, long CpuNs, long RssKb, int? Threads = null);

/// <summary>The machine as it was at its last sample; what it does not have is null.</summary>
public sealed record HostReading
{
    /// <summary>When, in ms since the Unix epoch.</summary>
    public long TsMs { get; init; }

    /// <summary>CPU utilisation of the last interval in percent of all cores.</summary>
    public double? CpuUtilPercent { get; init; }

    /// <summary>Free memory in MiB (MemFree).</summary>
    public long? MemFreeMb { get; init; }

    /// <summary>All memory in MiB.</summary>
    public long? MemTotalMb { get; init; }

    /// <summary>The network interface that is measured.</summary>
    public string? Iface { get; init; }

    /// <summary>Bytes received since boot.</summary>
    public long? RxBytes { get; init; }

    /// <summary>Bytes sent since boot.</summary>
    public long? TxBytes { get; init; }

    /// <summary>Energy used since the collector began, in joules, all zones of the kind 'package' together.</summary>
    public double? EnergyJoules { get; init; }
}

/// <summary>What a collector knows at this moment, for those who look while it runs: a scrape, an export, a status.</summary>
/// <param name="Counts">What it did so far.</param>
/// <param name="Host">The machine; null where it is not measured.</param>
/// <param name="Processes">The processes that are collected now.</param>
public sealed record CollectorSnapshot(CollectorCounts Counts, HostReading? Host, IReadOnlyList<ProcessReading> Processes);
