using System.Runtime.InteropServices;

namespace Tracekit.Linux;

/// <summary>What happened to a process.</summary>
public enum ProcEventKind
{
    /// <summary>Nothing that concerns a process as a whole: a thread came or went, an identity changed.</summary>
    Other,

    /// <summary>The kernel's answer to the request to listen.</summary>
    Listening,

    /// <summary>A process was made.</summary>
    Fork,

    /// <summary>A process executes another program.</summary>
    Exec,

    /// <summary>A process gave itself, or was given, another command name.</summary>
    Comm,

    /// <summary>The first thread of a process ended; others may still run.</summary>
    Exit,
}

/// <summary>One event of the process connector (linux/cn_proc.h).</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Pid">To which process (thread group).</param>
/// <param name="ParentPid">At a fork, the parent process.</param>
/// <param name="MonotonicNs">When, in ns on CLOCK_MONOTONIC.</param>
/// <param name="Status">At an exit, the status word of wait(2); of <see cref="ProcEventKind.Listening"/>, the errno or 0.</param>
/// <param name="Name">Of <see cref="ProcEventKind.Comm"/>, the new command name.</param>
public readonly record struct ProcEvent(ProcEventKind Kind, int Pid, int ParentPid, long MonotonicNs, int Status, CommandNameBytes Name)
{
    private const int HeaderBytes = 16;
    private const int ConnectorBytes = 20;
    private const int What = HeaderBytes + ConnectorBytes;
    private const int Timestamp = What + 8;
    private const int Data = What + 16;

    /// <summary>Reads a message of NETLINK_CONNECTOR; false when it is none of the process connector, or cut.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out ProcEvent result)
    {
        const int ProcessConnector = 1;
        result = default;
        if (message.Length < Data + 4 || Int(message, HeaderBytes) != ProcessConnector || Int(message, HeaderBytes + 4) != ProcessConnector)
        {
            return false;
        }

        var at = MemoryMarshal.Read<long>(message[Timestamp..]);
        var data = message[Data..];
        switch (MemoryMarshal.Read<uint>(message[What..]))
        {
            case 0:
                result = new ProcEvent(ProcEventKind.Listening, 0, 0, at, Int(data, 0), default);
                return true;
            case 1 when data.Length >= 16:
                result = Int(data, 8) == Int(data, 12) ? new ProcEvent(ProcEventKind.Fork, Int(data, 12), Int(data, 4), at, 0, default) : default;
                return true;
            case 2 when data.Length >= 8:
                result = new ProcEvent(ProcEventKind.Exec, Int(data, 4), 0, at, 0, default);
                return true;
            case 0x200 when data.Length >= 8 + CommandNameBytes.Size:
                result = Int(data, 0) == Int(data, 4)
                    ? new ProcEvent(ProcEventKind.Comm, Int(data, 4), 0, at, 0, CommandNameBytes.Of(data.Slice(8, CommandNameBytes.Size)))
                    : default;
                return true;
            case 0x80000000 when data.Length >= 12:
                result = Int(data, 0) == Int(data, 4) ? new ProcEvent(ProcEventKind.Exit, Int(data, 4), 0, at, Int(data, 8), default) : default;
                return true;
            case 1 or 2 or 0x200 or 0x80000000:
                return false;
            default:
                return true;
        }
    }

    private static int Int(ReadOnlySpan<byte> bytes, int offset) => MemoryMarshal.Read<int>(bytes[offset..]);
}
