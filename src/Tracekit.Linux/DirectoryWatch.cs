using System.Runtime.InteropServices;
using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>What happened to an entry of a watched directory.</summary>
public enum DirectoryChange
{
    /// <summary>It came: made, or moved in.</summary>
    Added,

    /// <summary>It went: deleted, or moved out.</summary>
    Removed,

    /// <summary>More happened than the kernel kept, or the directory itself went: list it anew.</summary>
    Lost,
}

/// <summary>Changes of a directory's entries as they happen (inotify(7)); nothing is read while nothing changes.</summary>
public sealed unsafe class DirectoryWatch : IDisposable
{
    private const uint InMovedFrom = 0x40;
    private const uint InMovedTo = 0x80;
    private const uint InCreate = 0x100;
    private const uint InDelete = 0x200;
    private const uint InDeleteSelf = 0x400;
    private const uint InMoveSelf = 0x800;
    private const int InNonBlock = 0x800;
    private const int HeaderBytes = 16;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(64 * 1024, pinned: true);

    private DirectoryWatch(int fd) => Fd = fd;

    /// <summary>Called for each change with the entry's name.</summary>
    public delegate void ChangeHandler(DirectoryChange change, ReadOnlySpan<byte> name);

    /// <summary>Readable when something changed.</summary>
    internal int Fd { get; private set; }

    /// <summary>Begins to watch.</summary>
    /// <exception cref="TracekitException">It cannot be watched: which, and why.</exception>
    public static DirectoryWatch Open(string path)
    {
        var fd = Libc.InotifyInit(Libc.O_CLOEXEC | InNonBlock);
        if (fd < 0 || Libc.InotifyAddWatch(fd, path, InMovedFrom | InMovedTo | InCreate | InDelete | InDeleteSelf | InMoveSelf) < 0)
        {
            var reason = Libc.LastError();
            _ = fd < 0 ? 0 : Libc.Close(fd);
            throw new TracekitException($"{path}: cannot watch: {reason}");
        }

        return new DirectoryWatch(fd);
    }

    /// <summary>Reports what changed since the last call; returns at once.</summary>
    public void Read(ChangeHandler handler)
    {
        while (true)
        {
            nint length;
            fixed (byte* buffer = _buffer)
            {
                length = Libc.Read(Fd, buffer, (nuint)_buffer.Length);
            }

            if (length <= 0)
            {
                return;
            }

            for (var rest = _buffer.AsSpan(0, (int)length); rest.Length >= HeaderBytes;)
            {
                var mask = MemoryMarshal.Read<uint>(rest[4..]);
                var nameLength = MemoryMarshal.Read<int>(rest[12..]);
                var name = rest.Slice(HeaderBytes, nameLength);
                var end = name.IndexOf((byte)0);
                handler(ChangeOf(mask), end < 0 ? name : name[..end]);
                rest = rest[(HeaderBytes + nameLength)..];
            }
        }
    }

    /// <summary>Stops watching.</summary>
    public void Dispose()
    {
        if (Fd >= 0)
        {
            _ = Libc.Close(Fd);
            Fd = -1;
        }
    }

    private static DirectoryChange ChangeOf(uint mask) => mask switch
    {
        _ when (mask & (InCreate | InMovedTo)) != 0 => DirectoryChange.Added,
        _ when (mask & (InDelete | InMovedFrom)) != 0 => DirectoryChange.Removed,
        // More than the queue holds, or the directory itself went (also IN_IGNORED, which follows its deletion).
        _ => DirectoryChange.Lost,
    };
}
