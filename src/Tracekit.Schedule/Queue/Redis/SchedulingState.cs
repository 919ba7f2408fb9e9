using System.Diagnostics;
using Tracekit.Redis;

namespace Tracekit.Schedule;

/// <summary>
/// What a scheduler decides on: the heads of the line and the nodes as they were at one instant. It is kept from one dispatch to the next, and the server
/// tells only of the nodes that changed; <c>dispatch.lua</c> refuses what was decided on an outdated one.
/// </summary>
internal sealed class SchedulingState
{
    private const int Lapsed = 0;
    private const int Plain = 2;

    private readonly bool[] _isPlain;
    private readonly long _readAt = Stopwatch.GetTimestamp();

    private SchedulingState(HostTable hosts, bool[] isPlain)
    {
        Hosts = hosts;
        _isPlain = isPlain;
        HasPlainNodes = Array.IndexOf(isPlain, true) >= 0;
    }

    /// <summary>Version of that state.</summary>
    public string Version { get; private set; } = "";

    /// <summary>The first tasks of the line, JSON.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Heads { get; private set; } = [];

    /// <summary>The nodes. One whose lease has run out has nothing free.</summary>
    public HostTable Hosts { get; }

    /// <summary>True when a node knows only the keys of the contract.</summary>
    public bool HasPlainNodes { get; }

    /// <summary>Time since all nodes were read.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(_readAt);

    /// <summary>True when a node keeps records with us.</summary>
    public bool KeepsRecords(int hostIndex) => !_isPlain[hostIndex];

    /// <summary>The state after a reply of dispatch.lua; null when all has to be read.</summary>
    /// <param name="before">The state before it, with the effects of what was dispatched; changed by this. Null for none.</param>
    /// <param name="reply">The reply, not that of one who was fenced.</param>
    public static SchedulingState? After(SchedulingState? before, RespValue reply)
    {
        var rows = reply[5].Items;
        var state = before;
        if (reply[4].AsBoolean())
        {
            state = Of(rows);
        }
        else if (before is null || !before.TryApply(rows))
        {
            return null;
        }

        state!.Version = reply[2].AsText();
        var heads = new ReadOnlyMemory<byte>[reply[3].Count];
        for (var i = 0; i < heads.Length; i++)
        {
            heads[i] = reply[3][i].AsBytes();
        }

        state.Heads = heads;
        return state;
    }

    private static SchedulingState Of(ReadOnlySpan<RespValue> rows)
    {
        var hosts = new HostState[rows.Length];
        var plain = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < rows.Length; i++)
        {
            hosts[i] = Host(rows[i]);
            if (rows[i][4].AsInt32() == Plain)
            {
                plain.Add(hosts[i].NodeId);
            }
        }

        var table = new HostTable(hosts);
        var isPlain = new bool[table.Count];
        for (var i = 0; i < isPlain.Length; i++)
        {
            isPlain[i] = plain.Contains(table[i].NodeId);
        }

        return new SchedulingState(table, isPlain);
    }

    private bool TryApply(ReadOnlySpan<RespValue> rows)
    {
        foreach (var row in rows)
        {
            var host = Host(row);
            var index = Hosts.IndexOf(host.NodeId);
            if (index < 0 || _isPlain[index] != (row[4].AsInt32() == Plain))
            {
                return false;
            }

            Hosts[index] = host;
        }

        return true;
    }

    private static HostState Host(RespValue row)
    {
        var slots = row[5].AsInt32();
        var free = row[4].AsInt32() == Lapsed ? 0 : row[1].AsInt32();
        return new HostState(row[0].AsText(), row[2].AsInt32(), free, slots < 0 ? null : slots, row[3].AsInt32());
    }
}
