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
