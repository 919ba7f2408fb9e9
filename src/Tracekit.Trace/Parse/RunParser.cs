using System.Text.Json;
using Tracekit.Trace.Audit;
using Tracekit.Trace.Cctf;
using Tracekit.Trace.Lines;
using Tracekit.Trace.Tasks;

namespace Tracekit.Trace.Parse;

/// <summary>
/// From what a node recorded to the compact trace (CTS) with its audit, and to the wide trace (CCTF). What was recorded is on the node's clock
/// and stays so; both traces are on the reference clock, so that those of several nodes fit together as they are. Every file is written beside and renamed; parsing twice gives the
/// same files. The directory of
/// a killed run is valid input.
/// </summary>
public static class RunParser
{
    /// <summary>Parses one node directory.</summary>
    /// <param name="node">The node directory.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told how far it has come; may be null.</param>
    /// <param name="cancellation">Stops; files that were not complete are not there.</param>
    /// <exception cref="UsageException">It is no node directory.</exception>
    /// <exception cref="TraceFormatException"><c>node_meta.json</c> is not usable.</exception>
    /// <exception cref="TracekitException">A file cannot be read or written.</exception>
    public static ParseResult Parse(
        RunDirectory node, ParseOptions options, IProgress<TraceProgress>? progress = null, CancellationToken cancellation = default)
    {
        var meta = NodeFile.Read(node.NodeMeta);
        var tickNs = options.TickNs;
        CreateDirectory(node.Cts.Path);
        CreateDirectory(node.Cctf.Path);
        AtomicFile.Write(node.Cts.Nodes, s => JsonSerializer.Serialize(s, [CtsNode.From(meta)], TraceJson.Indented.CtsNodeArray));

        var reference = ReferenceTime.Of(meta);
        var index = EventIndex.Read(node, reference, cancellation);
        var label = new RecordLabel(meta.Node, meta.Stage);
        var (tasks, invocationFaults) = EventMerge.Write(node, index, label, cancellation);
        var left = invocationFaults.NotWide;
        FileCount[] others =
        [
            .. left > 0 ? [new FileCount("cctf/invocations.jsonl", invocationFaults.Count - left, left, 0, TornTail: false)] : (FileCount[])[],
            .. CctfRecords.Write(node, reference, label, cancellation),
            .. CctfDocuments.Write(node, meta, reference.ShiftMs),
        ];

        var tallies = new TaskTallies(tasks);
        var lives = new ProcessLives(tickNs);
        SamplePass? pass = null;
        FileCount? sampleFile = null;
        CctfSamples.Write(node, options.WideSamples, wide => AtomicFile.Write(node.Cts.ProcMetrics, output =>
        {
            using var input = new ChunkReader(node.ProcMetrics);
            pass = new SamplePass(reference, lives, tallies, output, wide, input, progress);
            var workers = options.Workers > 0 ? options.Workers : ChunkPipeline.DefaultWorkers;
            ChunkPipeline.Run(input, workers, () => new SampleChunk(pass), cancellation);
            pass.Finish();
            sampleFile = pass.Lines.ToCount(Path.GetFileName(node.ProcMetrics), input.TooLongLines);
        }));

        var audit = Auditor.Report(new AuditInput
        {
            Node = meta,
            ShiftMs = reference.ShiftMs,
            TickNs = tickNs,
            EventFiles = index.Files,
            SampleFile = sampleFile!,
            OtherFiles = others,
            Invocations = invocationFaults,
            Tallies = tallies,
            Samples = lives.Faults,
            Lives = lives.LifeCount,
            Windows = pass!.Windows,
            Unfinished = pass.Unfinished,
            UnfinishedExamples = pass.UnfinishedExamples,
            Sentinels = Sentinels(node),
        });
        AtomicFile.Write(node.Cts.AuditJson, s => JsonSerializer.Serialize(s, audit, AuditJson.Default.AuditReport));
        AtomicFile.Write(node.Cts.AuditReport, AuditMarkdown.Write(audit));
        return new ParseResult(meta.Node ?? Path.GetFileName(node.Path), tasks.Length, pass.Windows, audit);
    }

    private static IReadOnlyList<string> Sentinels(RunDirectory node) => Directory.Exists(node.Pids)
        ? [.. Directory.EnumerateFiles(node.Pids).Select(f => Path.GetFileName(f)).Where(n => int.TryParse(n, out _)).Take(AuditInput.MaxSentinels)]
        : [];

    private static void CreateDirectory(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{path}: cannot create: {e.Message}", e);
        }
    }
}
