namespace Tracekit.Linux;

/// <summary>
/// A process group that does not outlive this process. Its leader is a tiny child that waits for the parent's death and then kills the whole
/// group: programs started here, and also what they forked, which a parent-death signal would not reach.
/// </summary>
/// <remarks>The leader runs no program: it is a few system calls of <see cref="CloneCode"/>, sleeping; it shares the memory of the <see cref="Spawner"/> and the open files.</remarks>
public sealed class ProcessGroupGuard : IDisposable
{
    // A real-time signal that nobody else sends: a terminal's SIGINT or a SIGTERM to the group must not end the guard.
    private const int ParentDied = 63;
    private const int SignalSetBytes = 8;

    private ProcessGroupGuard(int group) => Group = group;

    /// <summary>The process group id; the pid of its leader.</summary>
    public int Group { get; }

    /// <summary>Makes the group.</summary>
    /// <exception cref="Model.TracekitException">The kernel has no room for a process.</exception>
    public static unsafe ProcessGroupGuard Start()
    {
        // The script's memory is never given back: the guard uses it as long as it lives, and it lives as long as this process.
        var script = new ChildScript();
        var awaited = script.Zeroed(SignalSetBytes);
        *(ulong*)awaited = 1UL << (ParentDied - 1);
        script.Call("lead a process group", SystemCall.SetProcessGroup, 0, 0);
        ProcessSpawn.Name(script, "tracekit-guard");
        ProcessSpawn.DieWithParent(script, ParentDied);
        script.Call("wait for the parent's death", SystemCall.SignalTimedWait, awaited, 0, 0, SignalSetBytes, least: ParentDied, greatest: ParentDied);
        script.Call("kill the group", SystemCall.Kill, 0, Signals.Kill);
        var leader = ProcessSpawn.StartScript(script, Spawner.SharedFiles);

        // From both sides, as shells do: whoever joins next must find the group, and the leader may not have run yet.
        _ = Libc.SetProcessGroup(leader, leader);
        return new ProcessGroupGuard(leader);
    }

    /// <summary>Kills every process of the group and waits for the leader.</summary>
    public unsafe void Dispose()
    {
        if (Signals.SendToGroup(Group, Signals.Kill))
        {
            int status;
            Libc.RUsage usage;
            _ = Libc.Wait4(Group, &status, 0, &usage);
        }
    }
}
