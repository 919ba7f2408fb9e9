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
    /// <param name="OwnUtimeTicks">User CPU time of the process itself, in clock ticks.</param>
    /// <param name="OwnStimeTicks">Its system CPU time.</param>
    public readonly record struct Ending(
        WaitStatus Status, long OwnCpuNs, ResourceUsage Usage, long EndedMonotonicNs, long OwnUtimeTicks, long OwnStimeTicks)
    {
        /// <summary>CPU time of the children that it waited for, in ns; kernel rounding of less than 2 µs counts as none.</summary>
        public long ChildrenCpuNs => Usage.CpuNs - OwnCpuNs > 2000 ? Usage.CpuNs - OwnCpuNs : 0;
    }

    /// <summary>
    /// Blocks until the child has ended, then reads its CPU clock while it is a zombie, and reaps it.
    /// </summary>
    /// <param name="pid">The child.</param>
    /// <param name="clock">Tells when.</param>
    /// <param name="beforeReaping">Called while the pid is still the child's: from then on no signal may be sent to it.</param>
    /// <exception cref="TracekitException">It is no child of this process (any more).</exception>
    public static Ending WaitForEnd(int pid, RunClock clock, Action? beforeReaping = null)
    {
        var info = stackalloc byte[SigInfoBytes];
        while (Libc.WaitId(IdTypePid, (uint)pid, info, WExited | WNoWait, 0) != 0)
        {
            ThrowUnlessInterrupted(pid);
        }

        var ended = clock.MonotonicNs;
        var hasClock = CpuClock.TryReadNs(pid, out var ownCpuNs);
        var stat = ProcPidStat.Read(pid) ?? default;
        beforeReaping?.Invoke();
        int status;
        Libc.RUsage usage;
        while (Libc.Wait4(pid, &status, 0, &usage) != pid)
        {
            ThrowUnlessInterrupted(pid);
        }

        var used = ResourceUsage.From(usage);
        return new Ending(new WaitStatus(status), hasClock ? ownCpuNs : used.CpuNs, used, ended, stat.UtimeTicks, stat.StimeTicks);
    }

    /// <summary>True when the child has ended, reaped or not.</summary>
    internal static bool HasEnded(int pid)
    {
        const int WNoHang = 1;
        var info = stackalloc byte[SigInfoBytes];
        new Span<byte>(info, SigInfoBytes).Clear();

        // A child that still runs leaves the signal number in the answer at 0.
        return Libc.WaitId(IdTypePid, (uint)pid, info, WExited | WNoWait | WNoHang, 0) != 0 || *(int*)info != 0;
    }

    /// <summary>Waits for a child that is nobody's program.</summary>
    internal static void Reap(int pid)
    {
        int status;
        Libc.RUsage usage;
        while (Libc.Wait4(pid, &status, 0, &usage) != pid && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == Libc.EINTR)
        {
        }
    }

    private static void ThrowUnlessInterrupted(int pid)
    {
        if (System.Runtime.InteropServices.Marshal.GetLastPInvokeError() != Libc.EINTR)
        {
            throw new TracekitException($"waiting for pid {pid}: {Libc.LastError()}");
        }
    }
}
