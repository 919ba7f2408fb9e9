using Tracekit.Parquet;

namespace Tracekit.Trace.OpenDc;

/// <summary>Writes <c>tasks.parquet</c>.</summary>
internal static class TaskFile
{
    /// <summary>Allows for the rounding of one division and one multiplication.</summary>
    private const double Rounding = 1e-9;

    /// <summary>The columns of the file.</summary>
    public static ParquetSchema Schema { get; } = new(
        ParquetColumn.Int32("id"),
        ParquetColumn.Utf8("name", optional: true),
        ParquetColumn.TimestampMillisUtc("submission_time"),
        ParquetColumn.Int64("duration"),
        ParquetColumn.Int32("cpu_count"),
        ParquetColumn.Double("cpu_capacity"),
        ParquetColumn.Int64("mem_capacity"));

    /// <summary>Writes the tasks; returns how many need more cores than their node has.</summary>
    public static long Write(Stream stream, ExportTask[] tasks, IReadOnlyList<ExportNode> nodes)
    {
        using var writer = ParquetWriter.Create(stream, Schema, leaveOpen: true);
        var ids = writer.Column<int>("id");
        var names = writer.BytesColumn("name");
        var submissions = writer.Column<long>("submission_time");
        var durations = writer.Column<long>("duration");
        var counts = writer.Column<int>("cpu_count");
        var capacities = writer.Column<double>("cpu_capacity");
        var memories = writer.Column<long>("mem_capacity");
        long overNode = 0;
        foreach (ref readonly var task in tasks.AsSpan())
        {
            var node = nodes[task.Node];
            var cores = CpuCount(task.CpuUnits, task.PeakCores, node.Cores);
            overNode += cores > node.Cores ? 1 : 0;
            ids.Append(task.Id);
            names.Append(task.Name);
            submissions.Append(task.SubmissionMs);
            durations.Append(task.EndMs - task.StartMs);
            counts.Append(cores);
            capacities.Append((double)cores * node.Mhz);
            memories.Append(task.PeakRssKb);
            writer.EndRow();
        }

        writer.Close();
        return overNode;
    }

    /// <summary>
    /// Cores of a task: what it asked for, as far as the node has them, but never fewer than its busiest fragment uses.
    /// </summary>
    internal static int CpuCount(int cpuUnits, double peakCores, int nodeCores)
    {
        var needed = (int)Math.Min(int.MaxValue, Math.Ceiling(peakCores - Rounding));
        return Math.Max(1, Math.Max(needed, Math.Min(cpuUnits, nodeCores)));
    }
}
