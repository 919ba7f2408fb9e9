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

    private readonly ChildScript _script;
    private bool _isDisposed;

    private ProcessGroupGuard(int group, ChildScript script)
    {
        Group = group;
        _script = script;
    }

    /// <summary>The process group id; the pid of its leader.</summary>
    public int Group { get; }

    /// <summary>Makes the group.</summary>
    /// <exception cref="Model.TracekitException">The kernel has no room for a process.</exception>
    public static unsafe ProcessGroupGuard Start()
    {
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
        return new ProcessGroupGuard(leader, script);
    }

    /// <summary>Sends a signal to every process of the group, unless it was disposed: its number may then be another's.</summary>
    public void Send(int signal)
    {
        if (!_isDisposed)
        {
            Signals.SendToGroup(Group, signal);
        }
    }

    /// <summary>Kills every process of the group and waits for the leader.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        Signals.SendToGroup(Group, Signals.Kill);
        _isDisposed = true;
        ChildProcess.Reap(Group);
        _script.Dispose();
    }
}
