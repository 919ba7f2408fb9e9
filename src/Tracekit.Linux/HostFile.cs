using System.Runtime.InteropServices;

namespace Tracekit.Linux;

/// <summary>
/// A host-wide file of /proc or /sys kept open, read from its beginning each time. Where the thing behind it went and came back (an interface, a power
/// zone), it is opened anew.
/// </summary>
public sealed unsafe class HostFile : IDisposable
{
    private int _fd;

    private HostFile(string path, int fd)
    {
        Path = path;
        _fd = fd;
    }

    /// <summary>Which file.</summary>
    public string Path { get; }

    /// <summary>Opens the file; null when it is not there, may not be read, or the kernel refuses to fill it.</summary>
    public static HostFile? TryOpen(string path)
    {
        var file = new HostFile(path, OpenPath(path));
        Span<byte> one = stackalloc byte[1];
        if (file._fd >= 0 && file.ReadOpen(one) >= 0)
        {
            return file;
        }

        file.Dispose();
        return null;
    }

    /// <summary>Reads from the beginning as much as fits; returns the bytes read, less than 0 when the file cannot be read at present.</summary>
    public int Read(Span<byte> buffer)
    {
        var length = _fd < 0 ? -1 : ReadOpen(buffer);
        if (length >= 0)
        {
            return length;
        }

        Dispose();
        _fd = OpenPath(Path);
        return _fd < 0 ? -1 : ReadOpen(buffer);
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

    private static int OpenPath(string path) => Libc.Open(path, Libc.O_RDONLY | Libc.O_CLOEXEC | Libc.O_NONBLOCK, 0);

    private int ReadOpen(Span<byte> buffer)
    {
        // A file of /proc may come in pieces of a page.
        var done = 0;
        fixed (byte* start = &MemoryMarshal.GetReference(buffer))
        {
            while (done < buffer.Length)
            {
                var got = Libc.PReadHost(_fd, start + done, (nuint)(buffer.Length - done), done);
                if (got == 0)
                {
                    break;
                }

                if (got > 0)
                {
                    done += (int)got;
                }
                else if (Marshal.GetLastPInvokeError() != Libc.EINTR)
                {
                    return -1;
                }
            }
        }

        return done;
    }
}
