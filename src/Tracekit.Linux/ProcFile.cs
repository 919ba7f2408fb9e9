using System.Runtime.InteropServices;

namespace Tracekit.Linux;

/// <summary>
/// A file of /proc kept open. Reading from offset 0 makes the kernel write it afresh; once its process is gone every read fails, also when
/// another process has got the same pid.
/// </summary>
public sealed class ProcFile : IDisposable
{
    private int _fd;

    private ProcFile(int fd) => _fd = fd;

    /// <summary>Opens the file; null when it cannot be (no such process, no permission).</summary>
    public static ProcFile? TryOpen(string path)
    {
        var fd = Libc.Open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        return fd < 0 ? null : new ProcFile(fd);
    }

    /// <summary>Opens the file; null when it cannot be.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isRefused">True when the file is there and we may not (EACCES, EPERM), or have no file descriptor left (EMFILE, ENFILE).</param>
    public static ProcFile? TryOpen(string path, out bool isRefused)
    {
        const int NotPermitted = 1;
        const int NoAccess = 13;
        const int TooManyInSystem = 23;
        const int TooMany = 24;
        var file = TryOpen(path);
        isRefused = file is null && Marshal.GetLastPInvokeError() is NotPermitted or NoAccess or TooManyInSystem or TooMany;
        return file;
    }

    /// <summary>Opens the file, reads from its beginning, and closes it; returns the bytes read, 0 or less when there is no such file.</summary>
    public static int ReadOnce(string path, Span<byte> buffer)
    {
        using var file = TryOpen(path);
        return file?.Read(buffer) ?? 0;
    }

    /// <summary>Reads from the beginning; returns the bytes read, 0 or less when the process is gone.</summary>
    public unsafe int Read(Span<byte> buffer)
    {
        fixed (byte* pointer = &MemoryMarshal.GetReference(buffer))
        {
            return (int)Libc.PRead(_fd, pointer, (nuint)buffer.Length, 0);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        if (_fd >= 0)
        {
            _ = Libc.Close(_fd);
            _fd = -1;
        }
    }
}
