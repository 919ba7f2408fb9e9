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
    private const int FutexWait = 0;
    private const int FutexWake = 1;
    private const long AnswerLimitNs = 10_000_000_000;

    private static readonly Lock OneAtATime = new();
    private static readonly Lazy<nint> Serving = new(StartOnThreadOfItsOwn);

    /// <summary>Has the spawner make a child; returns the child's pid.</summary>
    /// <exception cref="TracekitException">The kernel has no room for a process, or this machine cannot start programs so.</exception>
    public static int Clone(CloneCode.Block* request)
    {
        lock (OneAtATime)
        {
            var spawner = (CloneCode.Block*)Serving.Value;
            spawner->Request = request;
            Volatile.Write(ref spawner->Asked, 1);
            _ = Libc.SysCall((nint)SystemCall.Futex, (nint)(&spawner->Asked), FutexWake, int.MaxValue, 0, 0, 0);
            var limit = Libc.TimeSpec.FromNs(AnswerLimitNs);
            while (Volatile.Read(ref spawner->Asked) is var asked && asked != 0)
            {
                if (Libc.SysCall((nint)SystemCall.Futex, (nint)(&spawner->Asked), FutexWait, asked, (nint)(&limit), 0, 0) != 0
                    && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == Libc.ETIMEDOUT)
                {
                    throw new TracekitException("the process that starts programs does not answer: it was killed, or the machine is out of memory");
                }
            }

            return spawner->Answer > 0
                ? (int)spawner->Answer
                : throw new TracekitException($"cannot start a process: {Libc.ErrorText((int)-spawner->Answer)}");
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
        var script = new ChildScript();
        foreach (var (start, length) in Gaps())
        {
            script.Call("give up memory", SystemCall.MUnmap, start, length);
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

        int status;
        Libc.RUsage usage;
        while (Libc.Wait4(first, &status, 0, &usage) != first)
        {
        }

        return block->FailedResult > 0
            ? block
            : throw new TracekitException($"cannot start the process that starts programs: {Libc.ErrorText((int)-block->FailedResult)}");
    }

    /// <summary>The ranges of addresses between what stays mapped.</summary>
    /// <remarks>What stays: the arena, the code, and this thread's stack, which holds what the C library registered with the kernel (rseq(2)).</remarks>
    private static List<(nint Start, nint Length)> Gaps()
    {
        var local = 0;
        var here = (nint)(&local);
        var mapped = File.ReadLines("/proc/self/maps").Where(l => !l.EndsWith("[vsyscall]", StringComparison.Ordinal)).Select(Range).ToList();
        var gaps = new List<(nint Start, nint Length)>();
        nint from = 0;
        foreach (var (start, end) in ((nint Start, nint End)[])[.. Kept(mapped.Last(r => r.Start <= here)).Order()])
        {
            if (start > from)
            {
                gaps.Add((from, start - from));
            }

            from = end;
        }

        if (mapped[^1].End > from)
        {
            gaps.Add((from, mapped[^1].End - from));
        }

        return gaps;
    }

    private static (nint Start, nint End)[] Kept((nint Start, nint End) stack) =>
        [stack, (SpawnArena.Start, SpawnArena.Start + SpawnArena.Length), (CloneCode.Page, CloneCode.Page + CloneCode.PageBytes)];

    private static (nint Start, nint End) Range(string line)
    {
        var ends = line.Split(' ', 2)[0].Split('-');
        return (nint.Parse(ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), nint.Parse(ends[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
