using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>A child of this process: waiting for its end and reading the last it leaves.</summary>
public static unsafe class ChildProcess
{
    private const int IdTypePid = 1;
    private const int WExited = 4;
    private const int WNoWait = 0x01000000;
    private const int SigInfoBytes = 128;

    /// <summary>What is known of a child that has ended.</summary>
    /// <param name="Status">How it ended.</param>
    /// <param name="OwnCpuNs">CPU time of the process itself, all threads, in ns.</param>
    /// <param name="Usage">The kernel's accounting, waited-for children included.</param>
    /// <param name="EndedMonotonicNs">When the end was seen, on CLOCK_MONOTONIC.</param>
    public readonly record struct Ending(WaitStatus Status, long OwnCpuNs, ResourceUsage Usage, long EndedMonotonicNs)
    {
        /// <summary>CPU time of the children that it waited for, in ns; kernel rounding of less than 2 µs counts as none.</summary>
        public long ChildrenCpuNs => Usage.CpuNs - OwnCpuNs > 2000 ? Usage.CpuNs - OwnCpuNs : 0;
    }

    /// <summary>
    /// Blocks until the child has ended, then reads its CPU clock while it is a zombie, and reaps it.
    /// </summary>
    /// <exception cref="TracekitException">It is no child of this process (any more).</exception>
    public static Ending WaitForEnd(int pid, RunClock clock)
    {
        var info = stackalloc byte[SigInfoBytes];
        while (Libc.WaitId(IdTypePid, (uint)pid, info, WExited | WNoWait, 0) != 0)
        {
            ThrowUnlessInterrupted(pid);
        }

        var ended = clock.MonotonicNs;
        var hasClock = CpuClock.TryReadNs(pid, out var ownCpuNs);
        int status;
        Libc.RUsage usage;
        while (Libc.Wait4(pid, &status, 0, &usage) != pid)
        {
            ThrowUnlessInterrupted(pid);
        }

        var used = ResourceUsage.From(usage);
        return new Ending(new WaitStatus(status), hasClock ? ownCpuNs : used.CpuNs, used, ended);
    }

    private static void ThrowUnlessInterrupted(int pid)
    {
        if (System.Runtime.InteropServices.Marshal.GetLastPInvokeError() != Libc.EINTR)
        {
            throw new TracekitException($"waiting for pid {pid}: {Libc.LastError()}");
        }
    }
}
