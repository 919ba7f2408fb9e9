using Tracekit.Redis;

namespace Tracekit.Schedule;

/// <summary>What a scheduler decides on, as it was at one instant.</summary>
/// <param name="Version">Version of that state.</param>
/// <param name="Heads">The first tasks of the line, JSON.</param>
/// <param name="Hosts">The nodes that may be given tasks.</param>
/// <param name="KeepsRecords">Whether each of them keeps records with us.</param>
internal sealed record SchedulingState(string Version, IReadOnlyList<ReadOnlyMemory<byte>> Heads, HostState[] Hosts, bool[] KeepsRecords)
{
    private const int Dead = 0;
    private const int Plain = 2;

    /// <summary>True when a node knows only the keys of the contract.</summary>
    public bool HasPlainNodes => Array.IndexOf(KeepsRecords, false) >= 0;

    /// <summary>Reads the reply of state.lua.</summary>
    public static SchedulingState From(RespValue reply)
    {
        var free = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var token in reply[3].Items)
        {
            var node = token.AsText();
            free[node] = free.GetValueOrDefault(node) + 1;
        }

        var hosts = new List<HostState>();
        var records = new List<bool>();
        foreach (var row in reply[2].Items)
        {
            var kind = row[4].AsInt32();
            if (kind == Dead)
            {
                continue;
            }

            var node = row[0].AsText();
            int? slots = row[5].AsInt32() > 0 ? free.GetValueOrDefault(node) : null;
            hosts.Add(new HostState(node, row[2].AsInt32(), row[1].AsInt32(), slots, row[3].AsInt32()));
            records.Add(kind != Plain);
        }

        var heads = new List<ReadOnlyMemory<byte>>(reply[1].Count);
        foreach (var head in reply[1].Items)
        {
            heads.Add(head.AsBytes());
        }

        return new SchedulingState(reply[0].AsText(), heads, [.. hosts], [.. records]);
    }
}
