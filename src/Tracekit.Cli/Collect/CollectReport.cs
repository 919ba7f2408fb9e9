using Tracekit.Collect.Daemon;
using Tracekit.Model;

namespace Tracekit.Cli.Collect;

/// <summary>A file that a collector writes.</summary>
/// <param name="Name">Its name in the node directory.</param>
/// <param name="Bytes">Its size.</param>
internal sealed record CollectedFile(string Name, long Bytes);

/// <summary>What is known of a collector from outside.</summary>
/// <param name="Directory">Its node directory.</param>
/// <param name="State"><c>running</c>, <c>stopped</c> (in good order) or <c>killed</c>.</param>
/// <param name="Pid">Its process id, or what it was.</param>
/// <param name="RunId">The run.</param>
/// <param name="Node">The node.</param>
/// <param name="Status">What it last told of itself; null when that cannot be read.</param>
/// <param name="Files">What it has written.</param>
internal sealed record CollectReport(
    string Directory, string State, int Pid, string? RunId, string? Node, CollectorStatus? Status, IReadOnlyList<CollectedFile> Files)
{
    /// <summary>Looks at a node directory.</summary>
    public static CollectReport Of(RunDirectory directory)
    {
        var holder = CollectorClaim.HolderOf(directory);
        var status = CollectorStatus.Read(directory);
        var state = holder is not null ? "running" : status?.State == "stopped" ? "stopped" : "killed";
        string[] paths = [directory.NodeMeta, directory.LinkMeta, directory.Resources, directory.Links, directory.ProcMetrics, directory.Processes, directory.Cgroups, directory.TimeSync, directory.ClockEvents, directory.CollectorLog];
        return new CollectReport(
            directory.Path,
            state,
            holder?.Pid ?? status?.Pid ?? 0,
            status?.RunId,
            status?.Node,
            status,
            [.. paths.Select(p => new FileInfo(p)).Where(f => f.Exists).Select(f => new CollectedFile(f.Name, f.Length))]);
    }
}
