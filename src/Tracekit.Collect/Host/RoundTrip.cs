using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Tracekit.Collect.Host;

/// <summary>How long a peer takes to answer.</summary>
/// <param name="RttS">The best round trip of several, in seconds.</param>
/// <param name="Method"><c>icmp</c> or <c>tcp</c>.</param>
public readonly record struct RoundTrip(double RttS, string Method)
{
    private const int Attempts = 5;
    private const int MostUnanswered = 2;
    private const int EchoBytes = 64;
    private const int HeaderBytes = 8;
    private const int TokenBytes = 8;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(1);

    /// <summary>Asks by ICMP echo (icmp(7): a ping socket where the system lets us, else a raw one), else by TCP; null when nothing answers.</summary>
    /// <param name="peer">Who is asked.</param>
    /// <param name="tcpPort">Where, for TCP; nobody need listen there.</param>
    public static RoundTrip? Measure(IPAddress peer, int tcpPort) => ByEcho(peer) ?? ByTcp(peer, tcpPort);

    /// <summary>By ICMP echo; null when we may not, or nothing answers.</summary>
    public static RoundTrip? ByEcho(IPAddress peer)
    {
        foreach (var type in (SocketType[])[SocketType.Dgram, SocketType.Raw])
        {
            try
            {
                using var socket = new Socket(peer.AddressFamily, type, IsV6(peer) ? ProtocolType.IcmpV6 : ProtocolType.Icmp);
                return Best(sequence => Echo(socket, peer, sequence)) is { } rtt ? new RoundTrip(rtt, "icmp") : null;
            }
            catch (SocketException)
            {
                // No right to this kind of socket, or no such protocol here.
            }
        }

        return null;
    }

    /// <summary>By connecting with TCP, also where the peer refuses: that is an answer of its system. Null when nothing answers.</summary>
    public static RoundTrip? ByTcp(IPAddress peer, int port)
    {
        try
        {
            return Best(_ => Connect(peer, port)) is { } rtt ? new RoundTrip(rtt, "tcp") : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>The Internet checksum (RFC 1071).</summary>
    internal static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (; bytes.Length >= 2; bytes = bytes[2..])
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        }

        sum += bytes.IsEmpty ? 0u : (uint)bytes[0] << 8;
        while (sum >> 16 != 0)
        {
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)~sum;
    }

    private static bool IsV6(IPAddress peer) => peer.AddressFamily == AddressFamily.InterNetworkV6;

    private static double? Best(Func<int, double?> ask)
    {
        double? best = null;
        var unanswered = 0;
        for (var attempt = 1; attempt <= Attempts && unanswered < MostUnanswered; attempt++)
        {
            var rtt = ask(attempt);
            unanswered += rtt is null ? 1 : 0;
            best = rtt is { } s && !(best <= s) ? s : best;
        }

        return best;
    }

    private static double? Echo(Socket socket, IPAddress peer, int sequence)
    {
        const byte Request4 = 8, Reply4 = 0, Request6 = 128, Reply6 = 129;
        Span<byte> packet = stackalloc byte[EchoBytes];
        packet.Clear();
        packet[0] = IsV6(peer) ? Request6 : Request4;
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)Environment.ProcessId);
        BinaryPrimitives.WriteUInt16BigEndian(packet[6..], (ushort)sequence);

        // A ping socket replaces the identifier by its own and a raw one hears everybody's answers: a token tells ours.
        var token = packet.Slice(HeaderBytes, TokenBytes);
        RandomNumberGenerator.Fill(token);
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], Checksum(packet));
        Span<byte> answer = stackalloc byte[1500];
        var address = new IPEndPoint(peer, 0).Serialize();
        var sender = new SocketAddress(peer.AddressFamily);
        var began = Stopwatch.GetTimestamp();
        socket.SendTo(packet, SocketFlags.None, address);
        while (Stopwatch.GetElapsedTime(began) is var elapsed && elapsed < AnswerWithin)
        {
            if (!socket.Poll(AnswerWithin - elapsed, SelectMode.SelectRead))
            {
                return null;
            }

            var length = socket.ReceiveFrom(answer, SocketFlags.None, sender);
            var rtt = Stopwatch.GetElapsedTime(began).TotalSeconds;
            var icmp = answer[..length];

            // A raw IPv4 socket gives the IP header too; its length in words of four bytes is the low half of the first byte.
            icmp = socket.SocketType == SocketType.Raw && !IsV6(peer) && length > 0 ? icmp[Math.Min(length, (icmp[0] & 0xF) * 4)..] : icmp;
            if (icmp.Length >= HeaderBytes + TokenBytes && icmp[0] == (IsV6(peer) ? Reply6 : Reply4) && icmp.Slice(HeaderBytes, TokenBytes).SequenceEqual(token))
            {
                return rtt;
            }
        }

        return null;
    }

    private static double? Connect(IPAddress peer, int port)
    {
        using var socket = new Socket(peer.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        var began = Stopwatch.GetTimestamp();
        try
        {
            socket.Connect(peer, port);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            if (!socket.Poll(AnswerWithin, SelectMode.SelectWrite))
            {
                return null;
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return Stopwatch.GetElapsedTime(began).TotalSeconds;
        }

        var rtt = Stopwatch.GetElapsedTime(began).TotalSeconds;
        const int RefusedErrno = 111;
        var error = (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
        return error is 0 or RefusedErrno or (int)SocketError.ConnectionRefused ? rtt : null;
    }
}
