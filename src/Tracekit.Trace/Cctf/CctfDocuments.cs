using System.Text.Json;
using Tracekit.Trace.Parse;

namespace Tracekit.Trace.Cctf;

/// <summary>The files of a node's wide trace that are one JSON document: nodes, links, what load was driven, and the modules.</summary>
internal static class CctfDocuments
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>Writes those that the node has; returns what reading those came to that are no JSON.</summary>
    /// <param name="node">The node directory.</param>
    /// <param name="meta">Who the node is.</param>
    /// <param name="shiftMs">What is added to its times, in ms.</param>
    public static IReadOnlyList<FileCount> Write(RunDirectory node, NodeMeta meta, long shiftMs)
    {
        var counts = new List<FileCount>();
        AtomicFile.Write(node.Cctf.Nodes, s => WriteNode(s, JsonDocumentFile.Read(node.NodeMeta)!.RootElement, meta, shiftMs));
        Take(node.LinkMeta, node.Cctf.Links, counts, (s, link) => WriteLink(s, link, meta.Node), JsonValueKind.Object);
        Take(node.RunMeta, node.Cctf.RunMeta, counts, Copy, JsonValueKind.Object);
        Take(node.ModuleInventory, node.Cctf.ModuleInventory, counts, Copy, JsonValueKind.Object, JsonValueKind.Array);
        return counts;
    }

    private static void Take(string from, string to, List<FileCount> counts, Action<Stream, JsonElement> write, params ReadOnlySpan<JsonValueKind> kinds)
    {
        if (!File.Exists(from))
        {
            CctfDirectory.Remove(to);
            return;
        }

        using var document = JsonDocumentFile.Read(from);
        var isUsable = document is not null && kinds.Contains(document.RootElement.ValueKind);
        counts.Add(new FileCount(Path.GetFileName(from), isUsable ? 1 : 0, isUsable ? 0 : 1, isUsable ? 0 : 1, TornTail: false));
        if (isUsable)
        {
            AtomicFile.Write(to, s => write(s, document!.RootElement));
        }
        else
        {
            CctfDirectory.Remove(to);
        }
    }

    private static void Copy(Stream stream, JsonElement document)
    {
        using var json = new Utf8JsonWriter(stream, Indented);
        document.WriteTo(json);
    }

    /// <summary>All that <c>node_meta.json</c> says, under the names that the compact trace has for it.</summary>
    private static void WriteNode(Stream stream, JsonElement document, NodeMeta meta, long shiftMs)
    {
        using var json = new Utf8JsonWriter(stream, Indented);
        json.WriteStartArray();
        json.WriteStartObject();
        json.WriteString("node_id"u8, meta.Node);
        foreach (var field in document.EnumerateObject())
        {
            if (!field.NameEquals("node"u8) && !field.NameEquals("node_id"u8) && !field.NameEquals("run_id"u8) && !field.NameEquals("clock_shift_ms"u8))
            {
                field.WriteTo(json);
            }
        }

        if (shiftMs != 0)
        {
            json.WriteNumber("clock_shift_ms"u8, shiftMs);
        }

        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteLink(Stream stream, JsonElement link, string? node)
    {
        using var json = new Utf8JsonWriter(stream, Indented);
        json.WriteStartArray();
        json.WriteStartObject();
        json.WriteString("u"u8, node);
        json.WriteString("v"u8, $"{node}.net");
        foreach (var field in link.EnumerateObject())
        {
            if (!field.NameEquals("u"u8) && !field.NameEquals("v"u8))
            {
                field.WriteTo(json);
            }
        }

        json.WriteEndObject();
        json.WriteEndArray();
    }
}
