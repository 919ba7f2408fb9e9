using Tracekit.Parquet;

namespace Tracekit.Trace.Tests.OpenDc;

/// <summary>An exported workload, read back.</summary>
internal sealed class Workload
{
    public Workload(string directory)
    {
        using var tasks = ParquetReader.Open(Path.Combine(directory, "tasks.parquet"));
        Ids = tasks.ReadColumn<int>("id");
        Names = tasks.ReadStrings("name");
        Submissions = tasks.ReadColumn<long>("submission_time");
        Durations = tasks.ReadColumn<long>("duration");
        CpuCounts = tasks.ReadColumn<int>("cpu_count");
        Capacities = tasks.ReadColumn<double>("cpu_capacity");
        Memories = tasks.ReadColumn<long>("mem_capacity");
        using var fragments = ParquetReader.Open(Path.Combine(directory, "fragments.parquet"));
        Fragments = [.. fragments.ReadColumn<int>("id").Zip(fragments.ReadColumn<long>("duration"), fragments.ReadColumn<double>("cpu_usage"))];
    }

    public int[] Ids { get; }

    public string?[] Names { get; }

    public long[] Submissions { get; }

    public long[] Durations { get; }

    public int[] CpuCounts { get; }

    public double[] Capacities { get; }

    public long[] Memories { get; }

    public (int Id, long DurationMs, double CpuMhz)[] Fragments { get; }

    /// <summary>Durations and usages of a task's fragments.</summary>
    public (long DurationMs, double CpuMhz)[] Of(int id) => [.. Fragments.Where(f => f.Id == id).Select(f => (f.DurationMs, f.CpuMhz))];

    /// <summary>CPU time in ms that a task's fragments stand for.</summary>
    public double CpuMs(int id, double mhz) => Of(id).Sum(f => f.CpuMhz * f.DurationMs) / mhz;
}
