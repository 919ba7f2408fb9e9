using Microsoft.Win32.SafeHandles;
using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>The two ends of a pipe (pipe(2)), both closed at execve.</summary>
public sealed class Pipe : IDisposable
{
    private Pipe(SafeFileHandle read, SafeFileHandle write)
    {
        Read = read;
        Write = write;
    }

    /// <summary>The end to read from.</summary>
    public SafeFileHandle Read { get; }

    /// <summary>The end to write to.</summary>
    public SafeFileHandle Write { get; }

    /// <summary>Makes a pipe.</summary>
    /// <exception cref="TracekitException">No file descriptor is left.</exception>
    public static unsafe Pipe Open()
    {
        var fds = stackalloc int[2];
        return Libc.Pipe2(fds, Libc.O_CLOEXEC) == 0
            ? new Pipe(new SafeFileHandle(fds[0], ownsHandle: true), new SafeFileHandle(fds[1], ownsHandle: true))
            : throw new TracekitException($"cannot make a pipe: {Libc.LastError()}");
    }

    /// <summary>Closes both ends.</summary>
    public void Dispose()
    {
        Read.Dispose();
        Write.Dispose();
    }
}
