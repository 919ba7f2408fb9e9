using System.Runtime.InteropServices;
using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>Why a wait ended.</summary>
public enum WaitResult
{
    /// <summary>The time has come.</summary>
    TimeReached,

    /// <summary>The watched directory changed.</summary>
    DirectoryChanged,

    /// <summary>The kernel has something to tell of processes.</summary>
    ProcessEvents,

    /// <summary>Somebody called <see cref="TickWaiter.Wake"/>.</summary>
    Woken,
}

/// <summary>Sleeping until a moment on CLOCK_MONOTONIC, a directory's change or a wake-up, whichever comes first (ppoll(2)).</summary>
public sealed unsafe class TickWaiter : IDisposable
{
    private const short PollIn = 1;
    private const int EfdNonBlock = 0x800;

    private int _wakeFd;

    /// <summary>Makes one.</summary>
    /// <exception cref="TracekitException">No file descriptor is left.</exception>
    public TickWaiter()
    {
        _wakeFd = Libc.EventFd(0, Libc.O_CLOEXEC | EfdNonBlock);
        if (_wakeFd < 0)
        {
            throw new TracekitException($"no file descriptor for the sampling clock: {Libc.LastError()}");
        }
    }

    /// <summary>Ends the wait of another thread, or its next one.</summary>
    public void Wake()
    {
        ulong one = 1;
        _ = Libc.Write(_wakeFd, (byte*)&one, sizeof(ulong));
    }

    /// <summary>Sleeps.</summary>
    /// <param name="remainingNs">How long at most, in ns; 0 or less only looks.</param>
    /// <param name="watch">Wakes it when it has something to report; null for none.</param>
    /// <param name="connector">Wakes it too; null for none.</param>
    /// <param name="taskStats">Wakes it too; null for none.</param>
    public WaitResult Wait(long remainingNs, DirectoryWatch? watch, ProcConnector? connector = null, TaskStats? taskStats = null)
    {
        const int Count = 4;
        var fds = stackalloc Libc.PollFd[Count];
        fds[0] = new Libc.PollFd { Fd = _wakeFd, Events = PollIn };
        fds[1] = new Libc.PollFd { Fd = watch?.Fd ?? -1, Events = PollIn };
        fds[2] = new Libc.PollFd { Fd = connector?.Fd ?? -1, Events = PollIn };
        fds[3] = new Libc.PollFd { Fd = taskStats?.Fd ?? -1, Events = PollIn };
        var timeout = Libc.TimeSpec.FromNs(Math.Max(0, remainingNs));
        if (Libc.PPoll(fds, Count, &timeout, 0) <= 0)
        {
            // Interrupted by a signal: the caller finds that the time has not come yet and waits again.
            return WaitResult.TimeReached;
        }

        return fds[0].ReturnedEvents != 0 ? WaitResult.Woken
            : fds[1].ReturnedEvents != 0 ? WaitResult.DirectoryChanged
            : WaitResult.ProcessEvents;
    }

    /// <summary>Releases the file descriptor.</summary>
    public void Dispose()
    {
        if (_wakeFd >= 0)
        {
            _ = Libc.Close(_wakeFd);
            _wakeFd = -1;
        }
    }
}
