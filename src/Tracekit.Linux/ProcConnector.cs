using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>
/// The process connector: the kernel tells of every fork, exec and exit on the machine as it happens (linux/cn_proc.h), so that nothing has to be
/// looked for. It takes CAP_NET_ADMIN before Linux 6.6, and always the initial user and pid namespace.
/// </summary>
public sealed class ProcConnector : IDisposable
{
    private const int NetlinkConnector = 11;
    private const uint ProcessGroup = 1;
    private const int BufferBytes = 4096;

    /// <summary>How much may wait to be read: a burst of some ten thousand events while the reader waits for a CPU.</summary>
    public const int DefaultReceiveBufferBytes = 16 * 1024 * 1024;

    // A bound on one round, so that a machine that forks without end does not keep the sampler from its ticks.
    private const int MaxRound = 20_000;

    private readonly NetlinkSocket _socket;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);

    private ProcConnector(NetlinkSocket socket) => _socket = socket;

    /// <summary>Takes an event.</summary>
    public delegate void ProcEventReceiver(in ProcEvent what);

    /// <summary>How often the kernel had more to tell than fitted the socket's buffer.</summary>
    public long LostCount { get; private set; }

    /// <summary>Readable when there is an event.</summary>
    internal int Fd => _socket.Fd;

    /// <summary>Begins to listen.</summary>
    /// <param name="receiveBufferBytes">How much may wait to be read.</param>
    /// <exception cref="TracekitException">It is not permitted, or not in this kernel: why.</exception>
    public static ProcConnector Open(int receiveBufferBytes = DefaultReceiveBufferBytes)
    {
        NetlinkSocket? socket = null;
        try
        {
            socket = NetlinkSocket.Open(NetlinkConnector, ProcessGroup, receiveBufferBytes);
            var connector = new ProcConnector(socket);
            socket.Filter(FilterProgram());
            socket.Send(ListenRequest());
            return connector.IsListening()
                ? connector
                : throw new TracekitException("the kernel does not answer (CONFIG_PROC_EVENTS, or not in the initial user and pid namespace)");
        }
        catch (TracekitException e)
        {
            socket?.Dispose();
            throw new TracekitException($"process connector: {e.Message}", e);
        }
    }

    /// <summary>Reports what happened since the last call; returns at once. False when events were lost: look through /proc.</summary>
    public bool Read(ProcEventReceiver handler)
    {
        var lost = LostCount;
        for (var round = 0; round < MaxRound; round++)
        {
            switch (_socket.Read(_buffer, out var length))
            {
                case NetlinkRead.Message when ProcEvent.TryParse(_buffer.AsSpan(0, length), out var what) && what.Kind > ProcEventKind.Listening:
                    handler(in what);
                    break;
                case NetlinkRead.Lost:
                    LostCount++;
                    break;
                case NetlinkRead.Empty:
                    return LostCount == lost;
            }
        }

        return LostCount == lost;
    }

    /// <summary>Stops listening.</summary>
    public void Dispose() => _socket.Dispose();

    // The kernel answers within the call that asks. Where it does not listen to us (another namespace) it says nothing at all.
    private bool IsListening()
    {
        for (var round = 0; round < MaxRound; round++)
        {
            switch (_socket.Read(_buffer, out var length))
            {
                case NetlinkRead.Message when ProcEvent.TryParse(_buffer.AsSpan(0, length), out var what) && what.Kind == ProcEventKind.Listening:
                    return what.Status == 0 ? true : throw new TracekitException(Libc.ErrorText(what.Status));
                case NetlinkRead.Empty:
                    return false;
            }
        }

        return true;
    }

    // struct nlmsghdr, struct cn_msg, PROC_CN_MCAST_LISTEN.
    private static byte[] ListenRequest()
    {
        const ushort Done = 3;
        const ushort Listen = 1;
        var message = new byte[40];
        BitConverter.TryWriteBytes(message, message.Length);
        BitConverter.TryWriteBytes(message.AsSpan(4), Done);
        BitConverter.TryWriteBytes(message.AsSpan(16), 1);
        BitConverter.TryWriteBytes(message.AsSpan(20), 1);
        BitConverter.TryWriteBytes(message.AsSpan(32), (ushort)sizeof(int));
        BitConverter.TryWriteBytes(message.AsSpan(36), (int)Listen);
        return message;
    }

    // Threads that come and go, and changes of identity, stay in the kernel: a program with many threads would wake us for nothing.
    private static ulong[] FilterProgram()
    {
        const ushort LoadWord = 0x20;
        const ushort MoveAToX = 0x07;
        const ushort JumpIfEqual = 0x15;
        const ushort JumpIfEqualToX = 0x1d;
        const ushort Return = 0x06;
        return
        [
            Code(LoadWord, 0, 0, 36),
            Code(JumpIfEqual, 12, 0, Wire(0)),         // an answer
            Code(JumpIfEqual, 11, 0, Wire(2)),         // exec
            Code(JumpIfEqual, 2, 0, Wire(1)),          // fork: is the child's thread its group's first?
            Code(JumpIfEqual, 5, 0, Wire(0x200)),      // comm: is the thread its group's first?
            Code(JumpIfEqual, 4, 9, Wire(0x80000000)), // exit: the same
            Code(LoadWord, 0, 0, 60),
            Code(MoveAToX, 0, 0, 0),
            Code(LoadWord, 0, 0, 64),
            Code(JumpIfEqualToX, 4, 5, 0),
            Code(LoadWord, 0, 0, 52),
            Code(MoveAToX, 0, 0, 0),
            Code(LoadWord, 0, 0, 56),
            Code(JumpIfEqualToX, 0, 1, 0),
            Code(Return, 0, 0, uint.MaxValue),
            Code(Return, 0, 0, 0),
        ];

        // struct sock_filter: 16-bit code, two 8-bit jumps, 32-bit constant.
        static ulong Code(ushort code, byte ifTrue, byte ifFalse, uint constant) =>
            code | ((ulong)ifTrue << 16) | ((ulong)ifFalse << 24) | ((ulong)constant << 32);

        // BPF loads words in network order; the message is in the machine's.
        static uint Wire(uint value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;
    }
}
