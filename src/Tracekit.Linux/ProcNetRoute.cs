using System.Globalization;

namespace Tracekit.Linux;

/// <summary>Routes of <c>/proc/net/route</c> (IPv4) and <c>/proc/net/ipv6_route</c>.</summary>
public static class ProcNetRoute
{
    private const int Up = 1;
    private const int Reject = 0x200;

    /// <summary>The interface of the IPv4 default route with the least metric; null when there is none.</summary>
    /// <param name="text">Text of <c>/proc/net/route</c>: Iface Destination Gateway Flags RefCnt Use Metric Mask …, addresses in hexadecimal.</param>
    public static string? DefaultIface(string text) => Least(
        text,
        static f => f.Length >= 8 && f[1] is "00000000" && f[7] is "00000000" && Hex(f[3]) is { } flags && (flags & Up) != 0 && (flags & Reject) == 0
            && long.TryParse(f[6], NumberStyles.None, CultureInfo.InvariantCulture, out var metric)
                ? (f[0], metric)
                : null);

    /// <summary>The interface of the IPv6 default route with the least metric; null when there is none.</summary>
    /// <param name="text">Text of <c>/proc/net/ipv6_route</c>: destination, prefix length, source, its length, next hop, metric, …, flags, device.</param>
    public static string? DefaultIface6(string text) => Least(
        text,
        static f => f.Length >= 10 && f[0] is "00000000000000000000000000000000" && f[1] is "00" && f[9] is not "lo"
            && Hex(f[8]) is { } flags && (flags & Up) != 0 && (flags & Reject) == 0 && Hex(f[5]) is { } metric
                ? (f[9], metric)
                : null);

    private static string? Least(string text, Func<string[], (string Iface, long Metric)?> defaultRoute)
    {
        (string Iface, long Metric)? best = null;
        foreach (var line in text.Split('\n'))
        {
            if (defaultRoute(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)) is { } route && (best is null || route.Metric < best.Value.Metric))
            {
                best = route;
            }
        }

        return best?.Iface;
    }

    private static long? Hex(string text) => long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;
}
