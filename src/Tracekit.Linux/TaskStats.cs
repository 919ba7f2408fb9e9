using System.Runtime.InteropServices;
using System.Text;
using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>
/// Exit accounting as it happens: the kernel sends what each thread used when it ends (taskstats over generic netlink). It takes CAP_NET_ADMIN in the
/// initial user and pid namespace, and CONFIG_TASKSTATS.
/// </summary>
public sealed class TaskStats : IDisposable
{
    private const int NetlinkGeneric = 16;
    private const int ControlFamily = 16;
    private const int BufferBytes = 16 * 1024;
    private const int MaxRound = 20_000;
    private const int ErrorType = 2;
    private const int AttributesOffset = 20;

    private readonly NetlinkSocket _socket;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);
    private int _family;

    private TaskStats(NetlinkSocket socket) => _socket = socket;

    /// <summary>Takes the accounting of a thread.</summary>
    public delegate void ExitReceiver(in ExitAccounting exit);

    /// <summary>How often the kernel had more to tell than fitted the socket's buffer.</summary>
    public long LostCount { get; private set; }

    /// <summary>Readable when there is a message.</summary>
    internal int Fd => _socket.Fd;

    /// <summary>Registers for the exits on every CPU.</summary>
    /// <param name="receiveBufferBytes">How much may wait to be read.</param>
    /// <exception cref="TracekitException">It is not permitted, or not in this kernel: why.</exception>
    public static TaskStats Open(int receiveBufferBytes = ProcConnector.DefaultReceiveBufferBytes)
    {
        NetlinkSocket? socket = null;
        try
        {
            socket = NetlinkSocket.Open(NetlinkGeneric, 0, receiveBufferBytes);
            var stats = new TaskStats(socket);
            stats._family = stats.FindFamily();
            stats.Register();
            return stats;
        }
        catch (Exception e) when (e is TracekitException or IOException or UnauthorizedAccessException)
        {
            socket?.Dispose();
            throw new TracekitException($"taskstats: {e.Message}", e);
        }
    }

    /// <summary>Reports the exits since the last call; returns at once. False when some were lost.</summary>
    public bool Read(ExitReceiver handler)
    {
        var lost = LostCount;
        for (var round = 0; round < MaxRound; round++)
        {
            switch (_socket.Read(_buffer, out var length))
            {
                case NetlinkRead.Message when TypeOf(length) == _family && ExitAccounting.TryParse(_buffer.AsSpan(0, length), out var exit):
                    handler(in exit);
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

    /// <summary>Stops listening; the kernel forgets the registration with the socket.</summary>
    public void Dispose() => _socket.Dispose();

    private int FindFamily()
    {
        const byte GetFamily = 3;
        const ushort FamilyId = 1;
        const ushort FamilyName = 2;
        _socket.Send(Request(ControlFamily, GetFamily, FamilyName, "TASKSTATS", wantsAnswer: false));
        var length = Answer();
        ReadOnlySpan<byte> rest = _buffer.AsSpan(0, length)[Math.Min(length, AttributesOffset)..];
        while (ExitAccounting.TryTake(ref rest, out var type, out var value))
        {
            if (type == FamilyId && value.Length >= sizeof(ushort))
            {
                return MemoryMarshal.Read<ushort>(value);
            }
        }

        throw new TracekitException("the kernel does not say its number");
    }

    private void Register()
    {
        const byte Get = 1;
        const ushort RegisterCpuMask = 3;
        var cpus = File.ReadAllText("/sys/devices/system/cpu/possible").Trim();
        _socket.Send(Request(_family, Get, RegisterCpuMask, cpus, wantsAnswer: true));
        Answer();
    }

    // The kernel answers within the call that asks; an exit may come in between.
    private int Answer()
    {
        for (var round = 0; round < MaxRound; round++)
        {
            switch (_socket.Read(_buffer, out var length))
            {
                case NetlinkRead.Message when TypeOf(length) == ErrorType && length >= 20:
                    var error = -MemoryMarshal.Read<int>(_buffer.AsSpan(16));
                    return error == 0 ? length : throw new TracekitException(Libc.ErrorText(error));
                case NetlinkRead.Message when TypeOf(length) == ControlFamily:
                    return length;
                case NetlinkRead.Empty:
                    throw new TracekitException("the kernel does not answer");
            }
        }

        throw new TracekitException("the kernel does not answer");
    }

    private int TypeOf(int length) => length < 16 ? 0 : MemoryMarshal.Read<ushort>(_buffer.AsSpan(4));

    // struct nlmsghdr, struct genlmsghdr, one struct nlattr with a string.
    private static byte[] Request(int family, byte command, ushort attribute, string text, bool wantsAnswer)
    {
        const ushort RequestFlag = 1;
        const ushort AnswerFlag = 4;
        var attributeBytes = 4 + Encoding.ASCII.GetByteCount(text) + 1;
        var message = new byte[AttributesOffset + ((attributeBytes + 3) & ~3)];
        BitConverter.TryWriteBytes(message, message.Length);
        BitConverter.TryWriteBytes(message.AsSpan(4), (ushort)family);
        BitConverter.TryWriteBytes(message.AsSpan(6), (ushort)(RequestFlag | (wantsAnswer ? AnswerFlag : 0)));
        message[16] = command;
        message[17] = 1;
        BitConverter.TryWriteBytes(message.AsSpan(20), (ushort)attributeBytes);
        BitConverter.TryWriteBytes(message.AsSpan(22), attribute);
        Encoding.ASCII.GetBytes(text, message.AsSpan(24));
        return message;
    }
}
