using System.Globalization;
using System.Net;
using Tracekit.Model;

namespace Tracekit.Telemetry.Prometheus;

/// <summary>Where a scrape is served: <c>HOST:PORT</c>, said in full, so that nobody opens a port to the world by leaving a word out.</summary>
public static class ScrapeAddress
{
    /// <summary>Reads <c>127.0.0.1:9464</c>, <c>[::1]:9464</c>, <c>localhost:9464</c>, or another address of this machine.</summary>
    /// <exception cref="UsageException">No host, a name other than localhost, or a port outside 0 to 65535 (0 takes a free one).</exception>
    public static IPEndPoint Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon];
        if (host.Length == 0)
        {
            throw Wrong(text, "a port alone would be open to everybody");
        }

        if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            throw Wrong(text, "a port is 0 to 65535");
        }

        var isBracketed = host.StartsWith('[') && host.EndsWith(']');
        if (host == "localhost")
        {
            return new IPEndPoint(IPAddress.Loopback, port);
        }

        // IPAddress.Parse takes "1" for 0.0.0.1.
        return IPAddress.TryParse(isBracketed ? host[1..^1] : host, out var address)
            && (address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? isBracketed : host.Count(c => c == '.') == 3)
            ? new IPEndPoint(address, port)
            : throw Wrong(text, "the host is an IP address or localhost");
    }

    private static UsageException Wrong(string text, string why) =>
        new($"--prometheus '{Printable.Line(text)}': {why}; write HOST:PORT, for example 127.0.0.1:9464, or 0.0.0.0:9464 for every network");
}
