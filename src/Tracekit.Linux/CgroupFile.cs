using System.Text;
using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>A file of a control group that is kept open for writing: each write is one system call and one command to the kernel.</summary>
internal sealed unsafe class CgroupFile : IDisposable
{
    private const int MaxBytes = 64;

    private readonly string _path;
    private int _fd;

    private CgroupFile(string path, int fd)
    {
        _path = path;
        _fd = fd;
    }

    /// <summary>Opens the file.</summary>
    /// <exception cref="TracekitException">It cannot be opened: which, and why.</exception>
    public static CgroupFile Open(string path)
    {
        var fd = Libc.Open(path, Libc.O_WRONLY | Libc.O_CLOEXEC, 0);
        return fd < 0 ? throw new TracekitException($"{path}: cannot open: {Libc.LastError()}") : new CgroupFile(path, fd);
    }

    /// <summary>Opens the file, writes and closes it.</summary>
    /// <exception cref="TracekitException">The kernel refuses: which file, what, and why.</exception>
    public static void WriteOnce(string path, string text)
    {
        using var file = Open(path);
        file.Write(text);
    }

    /// <summary>Writes a text of at most 64 ASCII characters.</summary>
    /// <exception cref="TracekitException">The kernel refuses: which file, what, and why.</exception>
    public void Write(string text)
    {
        var bytes = stackalloc byte[MaxBytes];
        var length = Encoding.ASCII.GetBytes(text, new Span<byte>(bytes, MaxBytes));
        while (Libc.Write(_fd, bytes, (nuint)length) < 0)
        {
            if (System.Runtime.InteropServices.Marshal.GetLastPInvokeError() != Libc.EINTR)
            {
                throw new TracekitException($"{_path}: cannot write '{text}': {Libc.LastError()}");
            }
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
