using System.Buffers.Text;
using System.Runtime.InteropServices;

namespace Tracekit.Linux;

/// <summary>The processes of the machine, by listing <c>/proc</c> (getdents64(2)); no object is made for a process.</summary>
public sealed unsafe class ProcDirectory
{
    private const int BufferBytes = 32 * 1024;
    private const int NameOffset = 19;
    private const int DirectoryFlag = 0x10000;
    private const int PidDigits = 10;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);

    // "/proc/<pid>/stat" and its NUL.
    private readonly byte[] _path = GC.AllocateArray<byte>(32, pinned: true);

    /// <summary>Takes a process: its pid, and the text of its stat file.</summary>
    public delegate void ProcessHandler(int pid, ReadOnlySpan<byte> stat);

    /// <summary>Reports every process that is there and that we may see.</summary>
    public void Read(ProcessHandler handler)
    {
        var fd = Libc.Open("/proc", Libc.O_RDONLY | DirectoryFlag | Libc.O_CLOEXEC, 0);
        if (fd < 0)
        {
            return;
        }

        Span<byte> text = stackalloc byte[1024];
        "/proc/"u8.CopyTo(_path);
        while (true)
        {
            nint length;
            fixed (byte* buffer = _buffer)
            {
                length = Libc.SysCall((nint)SystemCall.GetDents64, fd, (nint)buffer, BufferBytes, 0, 0, 0);
            }

            if (length <= 0)
            {
                break;
            }

            for (var rest = _buffer.AsSpan(0, (int)length); rest.Length > NameOffset;)
            {
                var entry = rest[..MemoryMarshal.Read<ushort>(rest[16..])];
                rest = rest[entry.Length..];
                var name = entry[NameOffset..];
                name = name[..name.IndexOf((byte)0)];
                if (name.Length <= PidDigits && Utf8Parser.TryParse(name, out int pid, out var used) && used == name.Length && ReadStat(name, text) is var read and > 0)
                {
                    handler(pid, text[..read]);
                }
            }
        }

        _ = Libc.Close(fd);
    }

    private int ReadStat(ReadOnlySpan<byte> pid, Span<byte> text)
    {
        pid.CopyTo(_path.AsSpan(6));
        "/stat\0"u8.CopyTo(_path.AsSpan(6 + pid.Length));
        fixed (byte* path = _path, buffer = text)
        {
            var fd = Libc.Open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
            if (fd < 0)
            {
                return 0;
            }

            var length = (int)Libc.PRead(fd, buffer, (nuint)text.Length, 0);
            _ = Libc.Close(fd);
            return length;
        }
    }
}
