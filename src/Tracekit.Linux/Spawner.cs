using System.Globalization;
using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>
/// A tiny process that makes all others. The kernel counts the memory that a process had before its execve into its peak
/// (<c>ru_maxrss</c>), and that is its maker's: children of this process would all seem to have used at least what the .NET runtime does. So
/// children are made by a process that has next to none. It is our child, made once; its children are ours, not its own (CLONE_PARENT).
/// </summary>
/// <remarks>
/// It is made in two steps. A copy of this process gives up all memory but the <see cref="SpawnArena"/>, the machine code and the stack of the
/// thread that made it; its peak, though, stays. So it makes a copy of itself, whose peak begins at the little that is left, and ends.
/// The thread that makes it must live on: the kernel sends parent-death signals when that thread ends.
/// </remarks>
internal static unsafe class Spawner
{
    /// <summary>A child with a table of open files of its own: CLONE_VM | CLONE_PARENT | CLONE_CHILD_CLEARTID | SIGCHLD.</summary>
    public const long OwnFiles = 0x100 | 0x8000 | 0x200000 | SigChld;

    /// <summary>The same, sharing our table of open files (CLONE_FILES).</summary>
    public const long SharedFiles = OwnFiles | CloneFiles;

    private const long SigChld = 17;
    private const long CloneFs = 0x200;
    private const long CloneFiles = 0x400;
    private const long CloneParent = 0x8000;
    private const int SigBlock = 0;
    private const int SigSetMask = 2;
    private const long AnswerLimitNs = 1_000_000_000;

    private static readonly Lock OneAtATime = new();
    private static CloneCode.Block* s_serving;

    static Spawner() => AppDomain.CurrentDomain.ProcessExit += (_, _) => End();

    /// <summary>Pid of the spawner; 0 when there is none now.</summary>
    private static int Pid => s_serving is null ? 0 : (int)s_serving->FailedResult;

    /// <summary>Has the spawner make a child; returns the child's pid. A spawner that somebody killed is replaced.</summary>
    /// <exception cref="TracekitException">The kernel has no room for a process, or this machine cannot start programs so.</exception>
    public static int Clone(CloneCode.Block* request)
    {
        lock (OneAtATime)
        {
            if (s_serving is null || !IsAlive())
            {
                s_serving = null;
                s_serving = (CloneCode.Block*)StartOnThreadOfItsOwn();
            }

            s_serving->Request = request;
            Volatile.Write(ref s_serving->Asked, 1);
            Futex.Wake(&s_serving->Asked);
            for (var asked = 1; asked != 0; asked = Volatile.Read(ref s_serving->Asked))
            {
                if (!Futex.Wait(&s_serving->Asked, asked, AnswerLimitNs) && !IsAlive())
                {
                    s_serving = null;
                    throw new TracekitException("the process that starts programs was killed in the middle of it; try again");
                }
            }

            return s_serving->Answer > 0
                ? (int)s_serving->Answer
                : throw new TracekitException($"cannot start a process: {Libc.ErrorText((int)-s_serving->Answer)}");
        }
    }

    /// <summary>True while the spawner lives. One that has ended is reaped here.</summary>
    public static bool IsAlive()
    {
        int status;
        Libc.RUsage usage;
        const int WNoHang = 1;
        return Pid > 0 && Libc.Wait4(Pid, &status, WNoHang, &usage) == 0;
    }

    // Without this it would stay as a zombie under an init that does not reap, as in many containers.
    private static void End()
    {
        lock (OneAtATime)
        {
            if (Pid > 0 && Signals.Send(Pid, Signals.Kill))
            {
                ChildProcess.Reap(Pid);
            }

            s_serving = null;
        }
    }

    private static nint StartOnThreadOfItsOwn()
    {
        nint block = 0;
        TracekitException? error = null;
        using var started = new ManualResetEventSlim();
        var thread = new Thread(
            () =>
            {
                try
                {
                    block = (nint)Start();
                }
                catch (TracekitException e)
                {
                    error = e;
                }
                catch (TypeInitializationException e)
                {
                    // The machine code could not be put in place: an unknown machine, or no executable memory.
                    error = e.InnerException as TracekitException ?? new TracekitException(e.Message, e);
                }

                started.Set();
                Thread.Sleep(Timeout.Infinite);
            },
            maxStackSize: 256 * 1024)
        { IsBackground = true, Name = "parent of programs" };
        thread.Start();
        started.Wait();
        return error is null ? block : throw error;
    }

    private static CloneCode.Block* Start()
    {
        DefaultChildSignal();
        var script = new ChildScript();
        foreach (var (start, end) in GivenUp())
        {
            // What the kernel keeps (sealed mappings) is a few pages.
            script.Call("give up memory", SystemCall.MUnmap, start, end - start, least: long.MinValue);
        }

        // In the copy this call gives 0 and its list goes on; here it gives the copy's pid, which is "no good result", and ends this process.
        script.Call("make a copy of itself", SystemCall.Clone, CloneFs | CloneFiles | CloneParent | SigChld, greatest: 0);
        ProcessSpawn.Name(script, "tracekit-spawn");
        ProcessSpawn.DieWithParent(script, Signals.Kill);
        script.Serve();
        var block = script.Complete(CloneFs | CloneFiles | SigChld);

        // A signal handler of this process must not run in a copy of it, so all signals are blocked there from the first moment.
        ulong all = ulong.MaxValue;
        ulong before;
        _ = Libc.PThreadSigMask(SigBlock, &all, &before);
        var first = (int)CloneCode.Run(block);
        _ = Libc.PThreadSigMask(SigSetMask, &before, null);
        if (first < 0)
        {
            throw new TracekitException($"cannot start a process: {Libc.ErrorText(-first)}");
        }

        ChildProcess.Reap(first);
        return block->FailedResult > 0
            ? block
            : throw new TracekitException($"cannot start the process that starts programs: {Libc.ErrorText((int)-block->FailedResult)}");
    }

    // Who started us may ignore SIGCHLD, and that outlives execve: the kernel would then reap our children before we have read what they used.
    private static void DefaultChildSignal()
    {
        var action = stackalloc nint[4];
        const nint Ignore = 1;
        if (Libc.SysCall((nint)SystemCall.SignalAction, (nint)SigChld, 0, (nint)action, sizeof(long), 0, 0) == 0 && *action == Ignore)
        {
            new Span<nint>(action, 4).Clear();
            _ = Libc.SysCall((nint)SystemCall.SignalAction, (nint)SigChld, (nint)action, 0, sizeof(long), 0, 0);
        }
    }

    /// <summary>The mappings that the spawner does not need.</summary>
    /// <remarks>What stays: the arena, the code, and this thread's stack, which holds what the C library registered with the kernel (rseq(2)).</remarks>
    private static (nint Start, nint End)[] GivenUp()
    {
        var local = 0;
        var here = (nint)(&local);
        var kept = ((nint Start, nint End)[])
            [(SpawnArena.Start, SpawnArena.Start + SpawnArena.Length), (CloneCode.Page, CloneCode.Page + CloneCode.PageBytes), (here, here + 1)];
        return File.ReadLines("/proc/self/maps")
            .Where(l => !l.EndsWith("[vsyscall]", StringComparison.Ordinal))
            .Select(Range)
            .Where(r => !Array.Exists(kept, k => r.Start < k.End && k.Start < r.End))
            .ToArray();
    }

    private static (nint Start, nint End) Range(string line)
    {
        var ends = line.Split(' ', 2)[0].Split('-');
        return (nint.Parse(ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), nint.Parse(ends[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
