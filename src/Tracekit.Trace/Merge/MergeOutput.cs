using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tracekit.Trace.Merge;

/// <summary>
/// The directory of a merged run: a copy of every node directory below it, <c>unified_cctf/RUN_ID</c>, and <c>merge.json</c>, which says that
/// a merge made it, so that a later merge may replace what is in it and nothing else.
/// </summary>
/// <param name="path">The directory.</param>
internal sealed class MergeOutput(string path)
{
    private const string UnifiedName = "unified_cctf";

    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>Names what a merge made.</summary>
    public string Marker => Path.Combine(path, "merge.json");

    /// <summary>A node's directory in it.</summary>
    public RunDirectory Node(string id) => new(Path.Combine(path, id));

    /// <summary>The joined wide trace of a run.</summary>
    public CctfDirectory Unified(string runId) => new(Path.Combine(path, UnifiedName, runId));

    /// <summary>Makes sure that nothing is lost when the merge writes here.</summary>
    /// <exception cref="UsageException">The directory is one of the inputs or within one, or holds what no merge wrote.</exception>
    public void Check(IReadOnlyList<MergeNode> nodes)
    {
        var own = MergeNode.FullPath(path);
        foreach (var node in nodes)
        {
            var input = MergeNode.FullPath(node.Directory.Path);
            if (own == input || own.StartsWith(input + "/", StringComparison.Ordinal) || input.StartsWith(own + "/", StringComparison.Ordinal))
            {
                throw new UsageException($"--output {path}: holds {node.Directory.Path}, which is to be merged, or lies in it; give a directory of its own");
            }

            if (node.Id == UnifiedName)
            {
                throw new UsageException($"{node.Directory.Path}: node id {UnifiedName} is what the joined trace is called; give the node another in its node_meta.json");
            }
        }

        if (Directory.Exists(path) && !File.Exists(Marker) && Directory.EnumerateFileSystemEntries(path).Any())
        {
            throw new UsageException($"--output {path}: is not empty, and no merge made it; give another directory");
        }
    }

    /// <summary>Says which nodes are merged here, after those of the merge before that are not among them are removed.</summary>
    public void Begin(string runId, IReadOnlyList<MergeNode> nodes)
    {
        try
        {
            Directory.CreateDirectory(path);
            var before = NodesBefore();
            WriteMarker(runId, [.. before.Union(nodes.Select(n => n.Id))]);
            foreach (var id in before)
            {
                RemoveDirectory(Node(id).Path);
            }

            RemoveDirectory(Path.Combine(path, UnifiedName));
            Directory.CreateDirectory(Unified(runId).Path);
            WriteMarker(runId, [.. nodes.Select(n => n.Id)]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{path}: cannot make place for the merged run: {e.Message}", e);
        }
    }

    /// <summary>Copies a node directory, and names the run in the copy.</summary>
    /// <param name="node">The node; its directory is only read.</param>
    /// <param name="runId">The merged run.</param>
    /// <param name="cancellation">Stops between two files.</param>
    public MergeNode Copy(MergeNode node, string runId, CancellationToken cancellation)
    {
        var copy = Node(node.Id);
        try
        {
            CopyDirectory(node.Directory.Path, copy.Path, node.HasRawFiles ? [node.Directory.Cts.Path, node.Directory.Cctf.Path] : [], cancellation);
            if (node.Meta.RunId != runId)
            {
                var meta = JsonNode.Parse(File.ReadAllBytes(node.Directory.NodeMeta))!.AsObject();
                meta["run_id"] = runId;
                AtomicFile.Write(copy.NodeMeta, s => WriteTo(s, meta));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{node.Directory.Path}: cannot copy to {copy.Path}: {e.Message}", e);
        }

        return new MergeNode(copy, node.Meta with { RunId = runId });
    }

    private static void CopyDirectory(string from, string to, IReadOnlyList<string> except, CancellationToken cancellation)
    {
        Directory.CreateDirectory(to);
        foreach (var entry in new DirectoryInfo(from).EnumerateFileSystemInfos())
        {
            cancellation.ThrowIfCancellationRequested();

            // A link may lead anywhere, and what is named .tmp is half a file of somebody who is writing or was killed.
            if (entry.LinkTarget is not null || entry.Name.EndsWith(".tmp", StringComparison.Ordinal) || except.Contains(Path.Combine(from, entry.Name)))
            {
                continue;
            }

            var target = Path.Combine(to, entry.Name);
            if (entry is DirectoryInfo)
            {
                CopyDirectory(Path.Combine(from, entry.Name), target, except, cancellation);
            }
            else if (((FileInfo)entry).Length == 0)
            {
                // Not copied but made: a pipe is empty too, and reading it would not end.
                File.Create(target).Dispose();
            }
            else
            {
                File.Copy(entry.FullName, target, overwrite: true);

                // A run that was made read-only can be parsed as a copy.
                File.SetUnixFileMode(target, entry.UnixFileMode | UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
    }

    private static void RemoveDirectory(string directory)
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private IReadOnlyList<string> NodesBefore()
    {
        if (!File.Exists(Marker))
        {
            return [];
        }

        using var document = Cctf.JsonDocumentFile.Read(Marker);
        return document?.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("nodes"u8, out var nodes) && nodes.ValueKind == JsonValueKind.Array
            ? [.. nodes.EnumerateArray().Where(n => n.ValueKind == JsonValueKind.String).Select(n => n.GetString()!).Where(Identifier.IsValid)]
            : throw new UsageException($"{Marker}: does not say what was merged here; give another --output");
    }

    private void WriteMarker(string runId, string[] nodes)
    {
        var marker = new JsonObject { ["run_id"] = runId, ["nodes"] = new JsonArray([.. nodes.Order(StringComparer.Ordinal).Select(n => (JsonNode)n)]) };
        AtomicFile.Write(Marker, s => WriteTo(s, marker));
    }

    private static void WriteTo(Stream stream, JsonNode node)
    {
        using var json = new Utf8JsonWriter(stream, Indented);
        node.WriteTo(json);
    }
}
