using Tracekit.Trace.Lines;

namespace Tracekit.Trace.OpenDc;

/// <summary>
/// From the compact trace of one or several nodes to a workload that OpenDC replays: <c>tasks.parquet</c>, <c>fragments.parquet</c> and
/// <c>small_datacenter.json</c>.
/// A task's fragments stand in time order, tile its life and hold all its CPU time; those of different tasks are interleaved, as the time
/// they ran in was.
/// </summary>
public static class OpenDcExporter
{
    /// <summary>Exports a run.</summary>
    /// <param name="nodes">Its node directories, parsed.</param>
    /// <param name="outputDirectory">
    /// Where the files go; made if it is not there. Files are written beside and renamed when all are complete.
    /// </param>
    /// <param name="options">How.</param>
    /// <param name="progress">Told how far it has come; may be null.</param>
    /// <param name="cancellation">Stops; then no file is written.</param>
    /// <exception cref="UsageException">A node is not parsed, its frequency is not known, or pids cannot be ids.</exception>
    /// <exception cref="TraceFormatException">A file of the compact trace is not usable.</exception>
    /// <exception cref="TracekitException">There is no task, or a file cannot be read or written.</exception>
    public static ExportResult Export(
        IReadOnlyList<RunDirectory> nodes,
        string outputDirectory,
        ExportOptions options,
        IProgress<TraceProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        if (nodes.Count == 0)
        {
            throw new UsageException("export: no node directory given");
        }

        ExportNode[] from = [.. nodes.Select(n => ExportNode.Read(n, options.CpuFreqMhz))];
        var table = TaskTable.Read(from, options.TaskIdMode, cancellation);
        var output = new OpenDcDirectory(outputDirectory);
        CreateDirectory(output.Path);

        var counts = new ExportCounts();
        var badLines = table.BadLines;
        long fragments = 0;
        long overNode = 0;
        AtomicFile.Write(output.Fragments, stream =>
        {
            using var file = new FragmentFile(stream);
            for (var node = 0; node < from.Length; node++)
            {
                badLines += ExportNodeWindows(table.Tasks, node, from[node], file, counts, options, progress, cancellation);
            }

            file.Complete();
            fragments = file.Count;
            AtomicFile.Write(output.Tasks, s => overNode = TaskFile.Write(s, table.Tasks, from));
            AtomicFile.Write(output.Datacenter, s => DatacenterFile.Write(s, from));
        });
        return Result(outputDirectory, table, counts) with
        {
            Nodes = from.Length,
            Fragments = fragments,
            BadLines = badLines,
            TasksOverNodeCores = overNode,
        };
    }

    private static long ExportNodeWindows(
        ExportTask[] tasks,
        int index,
        ExportNode node,
        FragmentFile file,
        ExportCounts counts,
        ExportOptions options,
        IProgress<TraceProgress>? progress,
        CancellationToken cancellation)
    {
        var export = new NodeExport(tasks, index, node, file, counts);
        using var input = new ChunkReader(node.Files.ProcMetrics);
        var workers = options.Workers > 0 ? options.Workers : ChunkPipeline.DefaultWorkers;
        ChunkPipeline.Run(
            input,
            workers,
            () => new WindowChunk(export, () => progress?.Report(new TraceProgress("export", input.Position, input.Length))),
            cancellation);
        return export.Finish().Bad + input.TooLongLines;
    }

    private static ExportResult Result(string directory, TaskTable table, ExportCounts counts)
    {
        var placement = counts.Placement;
        return new ExportResult
        {
            Directory = directory,
            TaskIdMode = table.IdMode,
            Tasks = table.Tasks.Length,
            Windows = counts.Windows,
            WindowsWithoutTask = counts.WindowsWithoutTask,
            LateWindows = counts.LateWindows,
            CpuMs = Ms(counts.CpuNs),
            ZeroLengthTasks = table.ZeroLength,
            Gaps = placement.Gaps,
            GapMs = placement.GapMs,
            GapCpuMs = Ms(placement.GapCpuNs),
            UnplacedCpuMs = Ms(placement.UnplacedNs),
            SpreadChildrenCpuMs = Ms(placement.SpreadChildrenNs),
            MovedCpuMs = Ms(placement.MovedNs),
            ForcedCpuMs = Ms(placement.ForcedNs),
            OutsideCpuMs = Ms(placement.OutsideNs),
            SpreadsCutShort = placement.SpreadsCutShort,
            GapsCutShort = placement.GapsCutShort,
        };
    }

    private static double Ms(long ns) => (double)ns / RunClock.NsPerMs;

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
