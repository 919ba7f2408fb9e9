using System.Text.Json;
using Tracekit.Model;

namespace Tracekit.Cli;

/// <summary>Writing <c>node_meta.json</c>, which makes a directory a node directory.</summary>
internal static class NodeMetaFile
{
    /// <summary>Makes sure that the directory is this node's, or nobody's yet.</summary>
    /// <exception cref="UsageException">It is another node's.</exception>
    public static void CheckOwner(RunDirectory directory, NodeMeta node)
    {
        if (!File.Exists(directory.NodeMeta))
        {
            return;
        }

        try
        {
            if (Read(directory)?.Node is { } owner && owner != node.Node)
            {
                throw new UsageException($"{directory.Path} belongs to node {Printable.Line(owner)}, this is {node.Node}: give each node --logs of its own");
            }
        }
        catch (JsonException)
        {
            throw new UsageException($"{directory.NodeMeta}: not readable; move it away, or choose another --run-id");
        }
    }

    /// <summary>What stands there; null when there is none.</summary>
    /// <exception cref="JsonException">It is not readable.</exception>
    public static NodeMeta? Read(RunDirectory directory) =>
        File.Exists(directory.NodeMeta) ? JsonSerializer.Deserialize(File.ReadAllBytes(directory.NodeMeta), TraceJson.Default.NodeMeta) : null;

    /// <summary>Writes it, also over one that is there.</summary>
    public static void Write(RunDirectory directory, NodeMeta node) =>
        AtomicFile.Write(directory.NodeMeta, JsonSerializer.SerializeToUtf8Bytes(node, TraceJson.Indented.NodeMeta));

    /// <summary>Writes it unless it is there.</summary>
    public static void WriteIfMissing(RunDirectory directory, NodeMeta node)
    {
        if (!File.Exists(directory.NodeMeta))
        {
            Write(directory, node);
        }
    }
}
