using System.Runtime.InteropServices;
using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>What a read from a netlink socket gave.</summary>
internal enum NetlinkRead
{
    /// <summary>A message of the kernel.</summary>
    Message,

    /// <summary>A message of somebody else, which is passed over.</summary>
    Foreign,

    /// <summary>Nothing is there at the moment.</summary>
    Empty,

    /// <summary>Messages were lost since the last read (ENOBUFS); those that fitted are still there.</summary>
    Lost,
}

/// <summary>A non-blocking socket to the kernel (netlink(7)).</summary>
internal sealed unsafe class NetlinkSocket : IDisposable
{
    private const int FamilyNetlink = 16;
    private const int TypeDatagram = 2;
    private const int NonBlock = 0x800;
    private const int LevelSocket = 1;
    private const int ReceiveBufferForce = 33;
    private const int ReceiveBuffer = 8;
    private const int AttachFilter = 26;
    private const int NoBufferSpace = 105;

    private NetlinkSocket(int fd) => Fd = fd;

    /// <summary>Readable when there is a message.</summary>
    public int Fd { get; private set; }

    /// <summary>Opens one and binds it.</summary>
    /// <param name="protocol">NETLINK_CONNECTOR, NETLINK_GENERIC.</param>
    /// <param name="groups">Multicast groups to join, a bit each.</param>
    /// <param name="receiveBufferBytes">How much may wait to be read.</param>
    /// <exception cref="TracekitException">It cannot be: why.</exception>
    public static NetlinkSocket Open(int protocol, uint groups, int receiveBufferBytes)
    {
        var fd = Libc.Socket(FamilyNetlink, TypeDatagram | NonBlock | Libc.O_CLOEXEC, protocol);
        var address = new Libc.SockAddrNl { Family = FamilyNetlink, Groups = groups };
        if (fd < 0 || Libc.Bind(fd, &address, (uint)sizeof(Libc.SockAddrNl)) != 0)
        {
            var reason = Libc.LastError();
            _ = fd < 0 ? 0 : Libc.Close(fd);
            throw new TracekitException(reason);
        }

        // Beyond net.core.rmem_max takes CAP_NET_ADMIN; without, as much as there is.
        var bytes = receiveBufferBytes;
        if (Libc.SetSockOpt(fd, LevelSocket, ReceiveBufferForce, &bytes, sizeof(int)) != 0)
        {
            _ = Libc.SetSockOpt(fd, LevelSocket, ReceiveBuffer, &bytes, sizeof(int));
        }

        return new NetlinkSocket(fd);
    }

    /// <summary>Lets the kernel drop messages that a classic BPF program does not accept (Documentation/networking/filter.rst).</summary>
    /// <param name="program">Instructions of 8 bytes each.</param>
    public void Filter(ReadOnlySpan<ulong> program)
    {
        fixed (ulong* instructions = program)
        {
            // struct sock_fprog: a 16-bit count, padded, and a pointer.
            var description = stackalloc ulong[2];
            description[0] = (ulong)program.Length;
            description[1] = (ulong)instructions;

            // A kernel that refuses only leaves us with more to read.
            _ = Libc.SetSockOpt(Fd, LevelSocket, AttachFilter, description, 2 * sizeof(ulong));
        }
    }

    /// <summary>Sends a whole message.</summary>
    /// <exception cref="TracekitException">The kernel does not take it: why.</exception>
    public void Send(ReadOnlySpan<byte> message)
    {
        fixed (byte* bytes = message)
        {
            if (Libc.Send(Fd, bytes, (nuint)message.Length, 0) < 0)
            {
                throw new TracekitException(Libc.LastError());
            }
        }
    }

    /// <summary>Reads one message; returns at once.</summary>
    public NetlinkRead Read(Span<byte> buffer, out int length)
    {
        fixed (byte* bytes = &MemoryMarshal.GetReference(buffer))
        {
            var sender = default(Libc.SockAddrNl);
            var senderLength = (uint)sizeof(Libc.SockAddrNl);
            length = (int)Libc.RecvFrom(Fd, bytes, (nuint)buffer.Length, 0, &sender, &senderLength);
            if (length >= 0)
            {
                // The kernel's port is 0. Another process may have the right to write to our socket, but has nothing to tell us.
                return sender.PortId == 0 ? NetlinkRead.Message : NetlinkRead.Foreign;
            }

            length = 0;
            return Marshal.GetLastPInvokeError() switch
            {
                NoBufferSpace => NetlinkRead.Lost,
                Libc.EINTR => NetlinkRead.Foreign,
                _ => NetlinkRead.Empty,
            };
        }
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose()
    {
        if (Fd >= 0)
        {
            _ = Libc.Close(Fd);
            Fd = -1;
        }
    }
}
