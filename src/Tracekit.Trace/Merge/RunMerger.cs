using Tracekit.Trace.Lines;
using Tracekit.Trace.Parse;

namespace Tracekit.Trace.Merge;

/// <summary>
/// Makes one run out of many nodes': a copy of each node directory, parsed anew, and the wide traces of all joined in time order. The inputs
/// are only read. As every copy is parsed from its raw files, each time is put on the reference clock exactly once, whatever was parsed
/// before; a node directory that came without raw files must hold a wide trace on that clock.
/// </summary>
public static class RunMerger
{
    /// <summary>The most nodes of one merge: each has a file open and a window of it in memory.</summary>
    public const int MaxNodes = 256;

    /// <summary>Merges.</summary>
    /// <param name="directories">Node directories, or directories that hold node directories.</param>
    /// <param name="output">The directory of the merged run: empty, missing, or of an earlier merge, which is then replaced.</param>
    /// <param name="runId">The merged run's id; null for that of the nodes, if it is the same.</param>
    /// <param name="progress">Told how far it has come; may be null.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="UsageException">What is given cannot be merged; nothing was written.</exception>
    /// <exception cref="TracekitException">A file cannot be read or written, or holds no trace.</exception>
    public static MergeResult Merge(
        IReadOnlyList<string> directories, string output, string? runId, IProgress<TraceProgress>? progress = null, CancellationToken cancellation = default)
    {
        var nodes = MergeNode.ReadAll(directories);
        if (nodes.Count == 0)
        {
            throw new UsageException("merge: which nodes? give their directories");
        }

        var run = MergeNode.RunIdOf(nodes, runId);
        var target = new MergeOutput(output);
        target.Check(nodes);
        foreach (var node in nodes)
        {
            CheckAligned(node);
        }

        target.Begin(run, nodes);
        var merged = new List<MergedNode>();
        var copies = new List<MergeNode>();
        foreach (var node in nodes)
        {
            var copy = target.Copy(node, run, cancellation);
            copies.Add(copy);
            var parsed = node.HasRawFiles ? RunParser.Parse(copy.Directory, new ParseOptions(), progress, cancellation) : null;
            merged.Add(new MergedNode(node.Id, ReferenceTime.Of(node.Meta).ShiftMs, parsed?.Invocations, parsed?.Audit.Files.Sum(f => f.BadLines) ?? 0, parsed?.Audit.Verdict));
        }

        var unified = target.Unified(run);
        var records = new Dictionary<string, long>();
        var faulty = new List<FileCount>();
        long outOfOrder = 0;
        var names = unified.RecordFiles.Select(f => Path.GetFileName(f)!).ToArray();
        for (var i = 0; i < names.Length; i++)
        {
            progress?.Report(new TraceProgress("merge", i, names.Length));
            (string, RecordLabel)[] files = [.. copies
                .Select(c => (File: Path.Combine(c.Directory.Cctf.Path, names[i]), Label: new RecordLabel(c.Id, null)))
                .Where(f => File.Exists(f.File))];
            if (files.Length == 0)
            {
                continue;
            }

            AtomicFile.Write(unified.RecordFiles[i], stream =>
            {
                var count = RecordMerge.Write(files, stream, cancellation);
                records.Add(names[i], count.Records);
                faulty.AddRange(count.Faulty);
                outOfOrder += count.OutOfOrder;
            });
        }

        DocumentMerge.Write(Existing(copies, c => c.Nodes), unified.Nodes, oneStaysAnObject: false);
        DocumentMerge.Write(Existing(copies, c => c.Links), unified.Links, oneStaysAnObject: false);
        DocumentMerge.Write(Existing(copies, c => c.ModuleInventory), unified.ModuleInventory, oneStaysAnObject: false);
        DocumentMerge.Write(Existing(copies, c => c.RunMeta), unified.RunMeta, oneStaysAnObject: true);
        return new MergeResult
        {
            RunId = run,
            Directory = output,
            UnifiedDirectory = unified.Path,
            Nodes = merged,
            Records = records,
            OutOfOrder = outOfOrder,
            FaultyFiles = faulty,
        };
    }

    private static string[] Existing(List<MergeNode> nodes, Func<CctfDirectory, string> file) => [.. nodes.Select(n => file(n.Directory.Cctf)).Where(File.Exists)];

    /// <summary>A wide trace without the raw files behind it is taken as it is, so it must say that it is on the reference clock.</summary>
    private static void CheckAligned(MergeNode node)
    {
        if (node.HasRawFiles)
        {
            return;
        }

        var shiftMs = ReferenceTime.Of(node.Meta).ShiftMs;
        var applied = node.AppliedShiftMs()
            ?? throw new UsageException($"{node.Directory.Path}: has neither raw files nor a wide trace; nothing of node {node.Id} can be merged");
        if (applied != shiftMs)
        {
            throw new UsageException(
                $"{node.Directory.Cctf.Path}: its times are shifted by {applied} ms, node_meta.json asks for {shiftMs} ms, and there are no raw files to parse; parse it where they are, and bring it again");
        }
    }
}
