namespace Tracekit.Collect;

/// <summary>What is recorded of a process beside CPU time and resident set. Each costs a further read a sample, but those said to be free.</summary>
[Flags]
public enum ProcessDetails
{
    /// <summary>Nothing more.</summary>
    None = 0,

    /// <summary><c>pss_kb</c>. The kernel walks all the memory of the process for it: milliseconds for a large one.</summary>
    Pss = 1,

    /// <summary><c>threads</c>; free.</summary>
    Threads = 2,

    /// <summary><c>read_bytes</c>, <c>write_bytes</c>: storage.</summary>
    Io = 4,

    /// <summary><c>voluntary_ctxt_switches</c>, <c>nonvoluntary_ctxt_switches</c> of the main thread.</summary>
    ContextSwitches = 8,

    /// <summary><c>minflt</c>, <c>majflt</c>; free.</summary>
    PageFaults = 16,

    /// <summary><c>run_wait_ns</c>: how long the main thread was ready and waited for a CPU.</summary>
    RunWait = 32,

    /// <summary>Everything.</summary>
    All = Pss | Threads | Io | ContextSwitches | PageFaults | RunWait,
}
