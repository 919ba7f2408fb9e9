using System.Text.Json.Serialization;

namespace Tracekit.Model;

/// <summary><c>link_meta.json</c>: the link between this node and the network.</summary>
public sealed record LinkMeta
{
    /// <summary>The network interface; null when the node has none that leads anywhere.</summary>
    public string? Iface { get; init; }

    /// <summary>Its bandwidth in bits/s; 0 when the driver does not say.</summary>
    [JsonPropertyName("BW_bps")]
    public long BandwidthBps { get; init; }

    /// <summary>
    /// Propagation delay to the peer in seconds, one way: half of the best round trip. Null without a peer, and when it did not answer.
    /// </summary>
    [JsonPropertyName("PR_s")]
    public double? PropagationS { get; init; }

    /// <summary>The peer that was asked; null for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Peer { get; init; }

    /// <summary>The best round trip in seconds, as it was measured.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? RttS { get; init; }

    /// <summary>How: <c>icmp</c> (echo) or <c>tcp</c> (connect, which takes the peer's system one answer too).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RttMethod { get; init; }
}
