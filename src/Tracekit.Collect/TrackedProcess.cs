using Tracekit.Model;

namespace Tracekit.Collect;

/// <summary>Why a process is collected.</summary>
[Flags]
internal enum SelectedBy
{
    /// <summary>It is not.</summary>
    Nothing = 0,

    /// <summary>It has a sentinel.</summary>
    Sentinel = 1,

    /// <summary>Its command name.</summary>
    Match = 2,

    /// <summary>Its control group.</summary>
    Cgroup = 4,

    /// <summary>An ancestor, or itself.</summary>
    Tree = 8,

    /// <summary>It is one of the busiest.</summary>
    Busy = 16,
}

/// <summary>A process that is collected.</summary>
internal sealed class TrackedProcess(int pid, int parentPid, string name, long startNs) : IDisposable
{
    public int Pid { get; } = pid;

    public int ParentPid { get; set; } = parentPid;

    public string Name { get; set; } = name;

    /// <summary>When it began, in ns since the Unix epoch.</summary>
    public long StartNs { get; set; } = startNs;

    public SelectedBy By { get; set; }

    /// <summary>Opened at its first sample: many processes end before.</summary>
    public ProcessProbe? Probe { get; set; }

    /// <summary>It began after the collector, and its baseline is not written yet.</summary>
    public bool NeedsBaseline { get; set; }

    /// <summary>A launcher writes its baseline and its closing sample.</summary>
    public bool IsLaunched { get; set; }

    /// <summary>It is ourselves: only its descendants count.</summary>
    public bool IsHidden { get; init; }

    /// <summary>Its first thread ended, others run.</summary>
    public bool HasLeaderExited { get; set; }

    /// <summary>Others did run when that was looked at.</summary>
    public bool HasOutlivedLeader { get; set; }

    /// <summary>The exit status that the first thread ended with, as a shell gives it.</summary>
    public int LeaderStatus { get; set; }

    /// <summary>When the first thread ended, in ns since the Unix epoch.</summary>
    public long LeaderExitNs { get; set; }

    /// <summary>Its CPU clock at the last reading during its exit, in ns; −1 before.</summary>
    public long ExitClockNs { get; set; } = -1;

    /// <summary>Since when its exit is followed, in ns on CLOCK_MONOTONIC.</summary>
    public long FollowedSinceNs { get; set; }

    /// <summary>We were told that we may not look at it.</summary>
    public bool IsRefused { get; set; }

    /// <summary>The last sample; its time stamp is 0 before the first.</summary>
    public ProcessSample Last;

    /// <summary>The last time stamp written for it.</summary>
    public long LastTsMs { get; set; }

    public int? Threads { get; set; }

    public long MaxRssKb { get; set; }

    /// <summary>What the kernel accounted at exits so far.</summary>
    public ExitTotals Exits { get; set; } = ExitTotals.None;

    public void Dispose() => Probe?.Dispose();
}
