using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>What to start.</summary>
public sealed record SpawnRequest
{
    /// <summary>Path of the executable; no lookup is done.</summary>
    public required string Path { get; init; }

    /// <summary>Arguments, the program's own name (argv[0]) first.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The whole environment, as <c>NAME=value</c>.</summary>
    public required IReadOnlyCollection<string> Environment { get; init; }

    /// <summary>Where it runs; null for here.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>A file descriptor of this process to become its standard input; −1 to pass on our own.</summary>
    public int StandardInput { get; init; } = -1;

    /// <summary>The same for standard output.</summary>
    public int StandardOutput { get; init; } = -1;

    /// <summary>The same for standard error.</summary>
    public int StandardError { get; init; } = -1;

    /// <summary>The process group to join; 0 for one of its own; −1 to stay in ours.</summary>
    public int ProcessGroup { get; init; } = -1;
}

/// <summary>
/// Starting a program so that all that shall hold from its first instruction does: the process exists and waits, its limits and its sentinel are
/// put in place from outside, and then it executes the program. No other program runs in between, and none stays.
/// </summary>
/// <remarks>
/// Children share the memory of the <see cref="Spawner"/> until they execute the program (CLONE_VM, as with vfork(2)), on a stack of their own.
/// The kernel clears <c>child_tid</c> and wakes its waiters when a child leaves that memory, by execve or by its end: that is how
/// <see cref="HeldProcess.Release"/> knows. A kill of this process kills them (PR_SET_PDEATHSIG).
/// </remarks>
public static unsafe class ProcessSpawn
{
    private const int PrSetPDeathSig = 1;
    private const int NameMaxBytes = 15;

    /// <summary>Makes the process. It waits until it is released or abandoned.</summary>
    /// <exception cref="TracekitException">The kernel has no room for a process, or this machine cannot.</exception>
    public static HeldProcess Hold(SpawnRequest request)
    {
        var script = new ChildScript();
        try
        {
            DieWithParent(script, Signals.Kill);
            if (request.ProcessGroup >= 0)
            {
                script.Call("join the process group", SystemCall.SetProcessGroup, 0, request.ProcessGroup);
            }

            script.DefaultSignals();
            Redirect(script, request.StandardInput, 0);
            Redirect(script, request.StandardOutput, 1);
            Redirect(script, request.StandardError, 2);
            if (request.WorkingDirectory is { } directory)
            {
                script.Call($"change to {Printable.Line(directory)}", SystemCall.ChangeDirectory, script.Text(directory));
            }

            script.Gate();
            script.UnblockSignals();
            script.Call(
                $"execute {Printable.Line(request.Path)}",
                SystemCall.Execve,
                script.Text(request.Path),
                script.TextList(request.Arguments),
                script.TextList(request.Environment));
            var held = new HeldProcess(Spawner.Clone(script.Complete(Spawner.OwnFiles)), script);
            OpenFileLimit.Restore(held.Pid);
            return held;
        }
        catch
        {
            script.Dispose();
            throw;
        }
    }

    /// <summary>Starts a child that is no program but the given system calls.</summary>
    internal static int StartScript(ChildScript script, long cloneFlags) => Spawner.Clone(script.Complete(cloneFlags));

    /// <summary>Adds the calls by which a child gets a signal when this process is gone, also when it went before they were made.</summary>
    internal static void DieWithParent(ChildScript script, int signal)
    {
        script.Call("ask for a signal at the parent's death", SystemCall.Prctl, PrSetPDeathSig, signal);
        script.Call("find its parent alive", SystemCall.GetParentPid, least: Environment.ProcessId, greatest: Environment.ProcessId);
    }

    /// <summary>Adds the call that names the process (comm), cut to 15 bytes.</summary>
    internal static void Name(ChildScript script, string name)
    {
        const int PrSetName = 15;
        script.Call("take a name", SystemCall.Prctl, PrSetName, script.Text(name[..Math.Min(name.Length, NameMaxBytes)]));
    }

    private static void Redirect(ChildScript script, int from, int to)
    {
        if (from >= 0)
        {
            script.Call($"redirect descriptor {to}", SystemCall.Dup3, from, to);
        }
    }
}
