using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>
/// A process that is not our child, held so that a signal reaches that one or none (pidfd_open(2), pidfd_send_signal(2)). On a kernel before Linux 5.3 its
/// identity is checked right before each signal instead.
/// </summary>
public sealed unsafe class ProcessHandle : IDisposable
{
    // The same numbers on every architecture.
    private const int PidFdSendSignal = 424;
    private const int PidFdOpen = 434;
    private const short PollIn = 1;
    private const int StepMs = 10;

    private readonly ProcessIdentity _identity;
    private int _fd;

    private ProcessHandle(ProcessIdentity identity, int fd)
    {
        _identity = identity;
        _fd = fd;
    }

    /// <summary>Takes hold of a process; null when it has ended.</summary>
    public static ProcessHandle? TryOpen(ProcessIdentity identity)
    {
        var fd = identity.IsAlive() ? (int)Libc.SysCall(PidFdOpen, identity.Pid, 0, 0, 0, 0, 0) : -1;

        // Looked at again: between the first look and the handle the pid may have gone to another.
        if (identity.IsAlive())
        {
            return new ProcessHandle(identity, fd);
        }

        _ = fd < 0 ? 0 : Libc.Close(fd);
        return null;
    }

    /// <summary>Sends a signal; false when it has ended.</summary>
    /// <exception cref="TracekitException">It is another user's.</exception>
    public bool Send(int signal)
    {
        var sent = _fd >= 0
            ? Libc.SysCall(PidFdSendSignal, _fd, signal, 0, 0, 0, 0) == 0
            : _identity.IsAlive() && Signals.Send(_identity.Pid, signal);
        const int NoSuchProcess = 3;
        return sent || !_identity.IsAlive() || System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == NoSuchProcess
            ? sent
            : throw new TracekitException($"process {_identity.Pid}: cannot send it a signal: {Libc.LastError()}");
    }

    /// <summary>Waits for its end; false when it still runs after <paramref name="limit"/>.</summary>
    public bool WaitForEnd(TimeSpan limit)
    {
        var since = System.Diagnostics.Stopwatch.StartNew();
        while (_identity.IsAlive())
        {
            var leftMs = (limit - since.Elapsed).TotalMilliseconds;
            if (leftMs <= 0)
            {
                return false;
            }

            if (_fd >= 0)
            {
                var poll = new Libc.PollFd { Fd = _fd, Events = PollIn };
                _ = Libc.Poll(&poll, 1, (int)Math.Min(leftMs + 1, 1000));
            }
            else
            {
                Thread.Sleep(StepMs);
            }
        }

        return true;
    }

    /// <summary>Lets go.</summary>
    public void Dispose()
    {
        if (_fd >= 0)
        {
            _ = Libc.Close(_fd);
            _fd = -1;
        }
    }
}
