using System.Text.Json;
using Tracekit.Trace.Parse;

namespace Tracekit.Trace.Merge;

/// <summary>A node directory that is to be merged.</summary>
/// <param name="Directory">Where it is.</param>
/// <param name="Meta">Who it is.</param>
internal sealed record MergeNode(RunDirectory Directory, NodeMeta Meta)
{
    /// <summary>Its id, which names its directory in the merged run.</summary>
    public string Id => Meta.Node!;

    /// <summary>True when something raw is there that a trace can be made from.</summary>
    public bool HasRawFiles => new[] { Directory.ProcMetrics, Directory.Events, Directory.Resources, Directory.Links, Directory.PlacementEvents, Directory.SystemStats }
        .Any(File.Exists) || Directory.EventSources().Count > 0;

    /// <summary>The node directories that the given ones stand for, each once, by node id.</summary>
    /// <exception cref="UsageException">One is none, a node has no usable id, two are the same node, or there are too many.</exception>
    public static IReadOnlyList<MergeNode> ReadAll(IEnumerable<string> directories)
    {
        var nodes = directories
            .SelectMany(RunDirectory.NodesOf)
            .DistinctBy(d => FullPath(d.Path))
            .Select(d => new MergeNode(d, NodeFile.Read(d.NodeMeta)))
            .Select(n => n.Meta.Node is { } id && Identifier.IsValid(id)
                ? n
                : throw new UsageException($"{n.Directory.NodeMeta}: its node '{Printable.Line(n.Meta.Node ?? "")}' is no id that a directory can be named by; correct it"))
            .OrderBy(n => n.Id, StringComparer.Ordinal)
            .ToArray();
        for (var i = 1; i < nodes.Length; i++)
        {
            if (nodes[i].Id == nodes[i - 1].Id)
            {
                throw new UsageException(
                    $"{nodes[i - 1].Directory.Path} and {nodes[i].Directory.Path} are both of node {nodes[i].Id}: give one of them another node id in its node_meta.json, or leave it out");
            }
        }

        return nodes.Length <= RunMerger.MaxNodes
            ? nodes
            : throw new UsageException($"merge: {nodes.Length} node directories, more than {RunMerger.MaxNodes}; merge them in groups");
    }

    /// <summary>The run that they all are of.</summary>
    /// <exception cref="UsageException">They are of different runs, or of none, and nobody says what the merged one is called.</exception>
    public static string RunIdOf(IReadOnlyList<MergeNode> nodes, string? givenRunId)
    {
        if (givenRunId is not null)
        {
            return Identifier.Check(givenRunId, "run id");
        }

        var first = nodes[0];
        foreach (var node in nodes)
        {
            if (node.Meta.RunId is null)
            {
                throw new UsageException($"{node.Directory.NodeMeta}: says no run_id; give --run-id for the merged run");
            }

            if (node.Meta.RunId != first.Meta.RunId)
            {
                throw new UsageException(
                    $"{first.Directory.Path} is of run {Printable.Line(first.Meta.RunId!)}, {node.Directory.Path} of run {Printable.Line(node.Meta.RunId)}; if they belong together, give --run-id for the merged run");
            }
        }

        return Identifier.Check(first.Meta.RunId!, $"run id in {first.Directory.NodeMeta}");
    }

    /// <summary>The shift in ms that the times of its wide trace have already; null when there is no wide trace.</summary>
    /// <exception cref="TraceFormatException">Its <c>nodes.json</c> does not describe one node.</exception>
    public long? AppliedShiftMs()
    {
        var path = Directory.Cctf.Nodes;
        if (!File.Exists(path))
        {
            return null;
        }

        using var document = Cctf.JsonDocumentFile.Read(path);
        return document?.RootElement is { ValueKind: JsonValueKind.Array } array && array.GetArrayLength() == 1 && array[0].ValueKind == JsonValueKind.Object
            ? array[0].TryGetProperty("clock_shift_ms"u8, out var shift) && shift.ValueKind == JsonValueKind.Number && shift.TryGetInt64(out var ms) ? ms : 0
            : throw new TraceFormatException($"{path}: is no array of one node; parse that node again");
    }

    /// <summary>The path without links in it, as far as they can be followed.</summary>
    public static string FullPath(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        try
        {
            return new DirectoryInfo(full).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? full;
        }
        catch (IOException)
        {
            return full;
        }
    }
}
