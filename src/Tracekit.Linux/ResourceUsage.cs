namespace Tracekit.Linux;

/// <summary>What a process and the children that it waited for used, as the kernel accounts it at the exit (getrusage(2)).</summary>
/// <param name="UserNs">User CPU time in ns, in steps of 1 µs.</param>
/// <param name="SystemNs">System CPU time in ns, in steps of 1 µs.</param>
/// <param name="MaxRssKb">Largest resident set in KiB of any single one of them.</param>
/// <param name="VoluntaryContextSwitches">ru_nvcsw.</param>
/// <param name="InvoluntaryContextSwitches">ru_nivcsw.</param>
/// <param name="BlockInputs">ru_inblock, in units of 512 bytes.</param>
/// <param name="BlockOutputs">ru_oublock, in units of 512 bytes.</param>
public readonly record struct ResourceUsage(
    long UserNs,
    long SystemNs,
    long MaxRssKb,
    long VoluntaryContextSwitches,
    long InvoluntaryContextSwitches,
    long BlockInputs,
    long BlockOutputs)
{
    /// <summary>User and system CPU time in ns.</summary>
    public long CpuNs => UserNs + SystemNs;

    internal static ResourceUsage From(in Libc.RUsage usage) => new(
        (usage.UserSeconds * 1_000_000_000) + (usage.UserMicroseconds * 1000),
        (usage.SystemSeconds * 1_000_000_000) + (usage.SystemMicroseconds * 1000),
        usage.MaxRss,
        usage.NVCsw,
        usage.NIvCsw,
        usage.InBlock,
        usage.OuBlock);
}
