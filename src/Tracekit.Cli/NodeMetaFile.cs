using System.Text.Json;
using Tracekit.Model;

namespace Tracekit.Cli;

/// <summary>Writing <c>node_meta.json</c>, which makes a directory a node directory.</summary>
internal static class NodeMetaFile
{
    /// <summary>Writes it unless it is there.</summary>
    public static void WriteIfMissing(RunDirectory directory, NodeMeta node)
    {
        if (!File.Exists(directory.NodeMeta))
        {
            AtomicFile.Write(directory.NodeMeta, JsonSerializer.SerializeToUtf8Bytes(node, TraceJson.Indented.NodeMeta));
        }
    }
}
