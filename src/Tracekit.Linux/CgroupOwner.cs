using System.Globalization;

namespace Tracekit.Linux;

/// <summary>
/// Whose a control group is, as its name says: <c>tracekit-PIDNS-PID-START</c>. The start time tells a process from a later one with the same pid,
/// and the pid namespace (pid_namespaces(7)) whether we can see the process at all.
/// </summary>
/// <param name="PidNamespace">Inode of the owner's pid namespace.</param>
/// <param name="Pid">The owner.</param>
/// <param name="StartTicks">Its start, in clock ticks since boot.</param>
internal readonly record struct CgroupOwner(long PidNamespace, int Pid, long StartTicks)
{
    private const string Prefix = "tracekit";

    /// <summary>This process.</summary>
    public static CgroupOwner Ours() => new(OwnPidNamespace(), Environment.ProcessId, ProcPidStat.Read(Environment.ProcessId)?.StartTimeTicks ?? 0);

    /// <summary>Reads a name; false when it is none of these.</summary>
    public static bool TryParse(string name, out CgroupOwner owner)
    {
        owner = default;
        if (name.Split('-') is not [Prefix, var space, var pid, var start]
            || !long.TryParse(space, NumberStyles.None, CultureInfo.InvariantCulture, out var namespaceId)
            || !int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || !long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks))
        {
            return false;
        }

        owner = new CgroupOwner(namespaceId, number, ticks);
        return true;
    }

    /// <summary>True when the owner is known to be gone.</summary>
    /// <param name="observer">Who looks.</param>
    /// <param name="startOf">Start time of a pid that the observer sees; null when there is no such process.</param>
    public bool IsDead(CgroupOwner observer, Func<int, long?> startOf) => PidNamespace == observer.PidNamespace && startOf(Pid) != StartTicks;

    /// <summary>The name.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix}-{PidNamespace}-{Pid}-{StartTicks}");

    private static long OwnPidNamespace()
    {
        // The link reads "pid:[4026531836]".
        var target = new FileInfo("/proc/self/ns/pid").LinkTarget ?? "";
        return long.TryParse(target.AsSpan(Math.Min(target.Length, "pid:[".Length)).TrimEnd(']'), CultureInfo.InvariantCulture, out var inode) ? inode : 0;
    }
}
