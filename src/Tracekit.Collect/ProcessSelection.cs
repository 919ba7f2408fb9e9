using System.Text.RegularExpressions;

namespace Tracekit.Collect;

/// <summary>What <see cref="ProcessSelection.Busiest"/> compares.</summary>
public enum BusyBy
{
    /// <summary>CPU time used since the last look.</summary>
    Cpu,

    /// <summary>Resident set.</summary>
    Memory,
}

/// <summary>
/// Which processes are collected: the union of everything that is asked for. A process is judged when it is first seen, and again whenever it executes
/// another program.
/// </summary>
public sealed record ProcessSelection
{
    /// <summary>A directory of sentinels, <c>pids/&lt;pid&gt;</c>; null for none.</summary>
    public string? SentinelDirectory { get; init; }

    /// <summary>Collect of the sentinels only children of this process; null for every sentinel.</summary>
    public int? OnlyChildrenOf { get; init; }

    /// <summary>Every process whose command name matches (proc_pid_comm(5), at most 15 bytes; the base name of its program where that was cut); null for none.</summary>
    public Regex? Match { get; init; }

    /// <summary>True to let <see cref="Match"/> select threads of the kernel too, which it else never does.</summary>
    public bool KernelThreads { get; init; }

    /// <summary>Every process in these control groups and those below them, also those born later: absolute paths of directories in a cgroup file system.</summary>
    public IReadOnlyList<string> Cgroups { get; init; } = [];

    /// <summary>These processes with all their descendants, those born later too, also when a parent between them has ended.</summary>
    public IReadOnlyList<int> Trees { get; init; } = [];

    /// <summary>The N busiest processes, looked at anew each <see cref="Refresh"/>; 0 for none.</summary>
    public int Busiest { get; init; }

    /// <summary>What makes a process busy.</summary>
    public BusyBy BusyBy { get; init; }

    /// <summary>How often all of /proc is looked through where the kernel does not tell of new processes, and for <see cref="Busiest"/>.</summary>
    public TimeSpan Refresh { get; init; } = TimeSpan.FromSeconds(1);
}
