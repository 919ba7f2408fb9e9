using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Tracekit.Linux;

/// <summary>Network interfaces of this host.</summary>
public static class NetInterface
{
    private const int MaxNameBytes = 15;
    private const long BitsPerMegabit = 1_000_000;
    private const int AnyPort = 9;

    /// <summary>True for what the kernel takes as a name of an interface: 1 to 15 bytes, no slash, no blank, not "." or "..".</summary>
    public static bool IsName(string name) =>
        name is not ("" or "." or "..") && System.Text.Encoding.UTF8.GetByteCount(name) <= MaxNameBytes && !name.Any(c => c is '/' || char.IsWhiteSpace(c) || char.IsControl(c));

    /// <summary>True when there is one of this name.</summary>
    public static bool Exists(string name) => IsName(name) && NetworkInterface.GetAllNetworkInterfaces().Any(i => i.Name == name);

    /// <summary>
    /// The interface through which packets to a peer leave: the kernel's own choice of route, taken by connecting a UDP socket, which sends nothing.
    /// Null when there is no route.
    /// </summary>
    public static string? Toward(IPAddress peer)
    {
        try
        {
            using var socket = new Socket(peer.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(peer, AnyPort);
            var local = ((IPEndPoint)socket.LocalEndPoint!).Address;
            return local.Equals(peer) ? Loopback() : WithAddress(local);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>The interface of the default route, IPv4's before IPv6's; null when there is none.</summary>
    public static string? OfDefaultRoute() =>
        ProcNetRoute.DefaultIface(TextOf("/proc/net/route")) ?? ProcNetRoute.DefaultIface6(TextOf("/proc/net/ipv6_route"));

    /// <summary>
    /// Its bandwidth in bits/s by the driver (<c>/sys/class/net/&lt;iface&gt;/speed</c>, in Mbit/s); 0 when that does not say: loopback, most virtual machines, no carrier.
    /// </summary>
    public static long BandwidthBps(string name) => IsName(name) ? ParseSpeedBps(TextOf($"/sys/class/net/{name}/speed")) : 0;

    /// <summary>The text of a <c>speed</c> file as bits/s; 0 for −1 ("unknown") and for what is no number.</summary>
    public static long ParseSpeedBps(string text) =>
        int.TryParse(text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var megabits) && megabits > 0 ? megabits * BitsPerMegabit : 0;

    // A packet to an address of our own never leaves by the interface that has it.
    private static string? Loopback() =>
        NetworkInterface.GetAllNetworkInterfaces().FirstOrDefault(i => i.NetworkInterfaceType == NetworkInterfaceType.Loopback)?.Name;

    private static string? WithAddress(IPAddress address) => NetworkInterface.GetAllNetworkInterfaces()
        .FirstOrDefault(i => i.GetIPProperties().UnicastAddresses.Any(a => a.Address.Equals(address)))?.Name;

    private static string TextOf(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
