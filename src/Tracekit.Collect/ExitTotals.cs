using Tracekit.Linux;

namespace Tracekit.Collect;

/// <summary>What the kernel accounted for the threads of a process that ended so far.</summary>
/// <param name="UserUs">User CPU time by the timer tick, in µs.</param>
/// <param name="SystemUs">System CPU time likewise.</param>
/// <param name="CpuNs">CPU time of the whole process in ns; −1 while it lives.</param>
/// <param name="ElapsedUs">How long the longest-lived thread lived, in µs.</param>
/// <param name="MaxRssKb">Peak resident set in KiB.</param>
/// <param name="ParentPid">The parent process.</param>
/// <param name="Name">The command name, of the first thread where that one was seen.</param>
internal readonly record struct ExitTotals(
    long UserUs, long SystemUs, long CpuNs, long ElapsedUs, long MaxRssKb, int ParentPid, CommandNameBytes Name)
{
    /// <summary>Nothing yet.</summary>
    public static ExitTotals None => new(0, 0, -1, 0, 0, 0, default);

    /// <summary>True when the process as a whole has ended.</summary>
    public bool IsComplete => CpuNs >= 0;

    /// <summary>With another thread's accounting.</summary>
    public ExitTotals With(in ExitAccounting exit)
    {
        var isLeader = exit.Tgid == 0 || exit.Tgid == exit.Pid;
        return new ExitTotals(
            UserUs + exit.UserUs,
            SystemUs + exit.SystemUs,
            exit.EndsProcess ? Math.Max(exit.ProcessCpuNs, exit.CpuNs) : CpuNs,
            Math.Max(ElapsedUs, exit.ElapsedUs),
            Math.Max(MaxRssKb, exit.MaxRssKb),
            exit.ParentPid,
            isLeader || ElapsedUs == 0 ? exit.Name : Name);
    }
}
