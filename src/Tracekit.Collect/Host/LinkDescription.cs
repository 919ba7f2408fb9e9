using System.Net;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect.Host;

/// <summary>The link between this node and the network.</summary>
public static class LinkDescription
{
    /// <summary>The interface that is measured: the one that was named, else that of the route to the peer, else that of the default route; null when there is none.</summary>
    /// <exception cref="UsageException">There is no interface of the name.</exception>
    public static string? Iface(string? named, IPAddress? peer) => named is null
        ? (peer is null ? null : NetInterface.Toward(peer)) ?? NetInterface.OfDefaultRoute()
        : NetInterface.Exists(named)
            ? named
            : throw new UsageException($"interface '{Printable.Line(named)}': there is none of that name; see 'ls /sys/class/net'");

    /// <summary>Measures it.</summary>
    /// <param name="iface">The interface; null for none.</param>
    /// <param name="peer">Who answers; null for nobody.</param>
    /// <param name="tcpPort">Where, when ICMP gives no answer.</param>
    public static LinkMeta Measure(string? iface, IPAddress? peer, int tcpPort)
    {
        const int Decimals = 9;
        const int Ways = 2;
        var trip = peer is null ? null : RoundTrip.Measure(peer, tcpPort);
        return new LinkMeta
        {
            Iface = iface,
            BandwidthBps = iface is null ? 0 : NetInterface.BandwidthBps(iface),
            PropagationS = trip is { } t ? Math.Round(t.RttS / Ways, Decimals) : null,
            Peer = peer?.ToString(),
            RttS = trip is { } r ? Math.Round(r.RttS, Decimals) : null,
            RttMethod = trip?.Method,
        };
    }
}
