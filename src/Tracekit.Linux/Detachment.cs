using Microsoft.Win32.SafeHandles;
using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>Becoming a daemon (daemon(7)): a session of its own, and standard streams that belong to no terminal.</summary>
public static class Detachment
{
    private const int DuplicateCloseOnExec = 1030;

    /// <summary>
    /// Leaves the session, and turns standard input to /dev/null and output and error to a file that is appended to. To be called before anything is
    /// written. Returns what standard output was, for the one who waits to hear that we are ready.
    /// </summary>
    /// <exception cref="TracekitException">The file cannot be opened: which, and why.</exception>
    public static FileStream Leave(string logFile)
    {
        var log = Libc.Open(logFile, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_APPEND | Libc.O_CLOEXEC, 0x1B4 /* 0664 */);
        var nothing = log < 0 ? -1 : Libc.Open("/dev/null", Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        var starter = nothing < 0 ? -1 : Libc.FCntl(1, DuplicateCloseOnExec, 3);
        if (starter < 0)
        {
            throw new TracekitException($"{logFile}: cannot open for writing: {Libc.LastError()}");
        }

        // A leader of a process group, as a shell makes one, is refused; it then has its own group already and no more is to be had.
        _ = Libc.SetSid();
        _ = Libc.Dup2(nothing, 0);
        _ = Libc.Dup2(log, 1);
        _ = Libc.Dup2(log, 2);
        _ = Libc.Close(nothing);
        _ = Libc.Close(log);
        return new FileStream(new SafeFileHandle(starter, ownsHandle: true), FileAccess.Write, bufferSize: 0);
    }
}
