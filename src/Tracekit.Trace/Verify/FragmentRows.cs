using Tracekit.Parquet;
using Tracekit.Trace.Tasks;

namespace Tracekit.Trace.Verify;

/// <summary>Reads <c>fragments.parquet</c> in one pass and checks it against the tasks.</summary>
internal sealed class FragmentRows(TaskRows tasks, FaultList faults)
{
    /// <summary>How far a usage may lie above its capacity, relative: the rounding of a few operations on doubles.</summary>
    private const double Tolerance = 1e-9;

    private TaskKey? _lastKey;
    private int _lastRow = -1;

    /// <summary>Fragments.</summary>
    public long Count { get; private set; }

    /// <summary>Stretches of fragments of the same task.</summary>
    public long Runs { get; private set; }

    /// <summary>Durations added up, in ms.</summary>
    public long DurationMs { get; private set; }

    /// <summary>Usage × duration added up, in MHz × ms.</summary>
    public double MhzMs { get; private set; }

    /// <summary>Reads the file.</summary>
    public void Read(ParquetReader reader)
    {
        using var ids = IdColumn.Open(reader);
        using var durations = NumberColumn.Open(reader, "duration");
        using var usages = NumberColumn.Open(reader, "cpu_usage");
        if (ids is null)
        {
            return;
        }

        while (ids.Read() is > 0 and var rows)
        {
            durations?.Read();
            usages?.Read();
            for (var i = 0; i < rows; i++)
            {
                Count++;
                Check(RowOf(ids.Keys[i]), i, durations, usages);
            }
        }

        CheckNulls(durations, "duration");
        CheckNulls(usages, "cpu_usage");
    }

    /// <summary>Checks what can only be seen at the end: tasks without fragments, and sums.</summary>
    public void CheckTasks()
    {
        for (var row = 0; row < tasks.Rows.Length; row++)
        {
            var task = tasks.Rows[row];
            var id = tasks.Id(row);
            if (task.Fragments == 0)
            {
                faults.Error("task_without_fragments", "tasks have no fragment", () => $"id {id}");
            }
            else if (task.FragmentMs != task.DurationMs)
            {
                faults.Error("duration_mismatch", "tasks are not as long as their fragments together", () => $"id {id}: {task.DurationMs} ms, its fragments {task.FragmentMs} ms");
            }
        }
    }

    private int RowOf(TaskKey? key)
    {
        // Fragments of a task often stand together.
        if (key == _lastKey && Count > 1)
        {
            return _lastRow;
        }

        Runs++;
        _lastKey = key;
        _lastRow = key is { } id ? tasks.Find(id) : -1;
        return _lastRow;
    }

    private void Check(int row, int i, NumberColumn? durations, NumberColumn? usages)
    {
        var durationMs = durations?.Whole[i] ?? 0;
        var usage = usages?.Values[i] ?? 0;
        DurationMs = Amount.Add(DurationMs, Math.Max(0, durationMs));
        MhzMs += usage * durationMs;
        if (row < 0)
        {
            faults.Error("fragment_without_task", "fragments belong to no task", () => $"row {Count - 1}: id {(_lastKey is { } id ? id : "missing")}");
            return;
        }

        ref var task = ref tasks.Rows[row];
        task.Fragments++;
        task.FragmentMs = Amount.Add(task.FragmentMs, Math.Max(0, durationMs));
        if ((durations is not null && durationMs <= 0) || !(usage >= 0 && double.IsFinite(usage)))
        {
            BadValue(row, durationMs, usage);
        }
        else if (usage > task.CpuCapacity * (1 + Tolerance))
        {
            OverCapacity(row, usage);
        }
    }

    // These are methods of their own so that the loop above makes no closure for every fragment.
    private void BadValue(int row, long durationMs, double usage) => faults.Error(
        "bad_value", "values are negative, zero where that cannot be, or no number", () => $"fragment of task {tasks.Id(row)}: {durationMs} ms at {usage} MHz");

    private void OverCapacity(int row, double usage) => faults.Error(
        "usage_over_capacity", "fragments use more than their task may", () => $"id {tasks.Id(row)}: {usage} of {tasks.Rows[row].CpuCapacity} MHz");

    private void CheckNulls(NumberColumn? column, string name)
    {
        if (column is { Nulls: > 0 and var nulls })
        {
            faults.Error("null_value", "required values are missing", () => $"fragments.parquet: {name} in {nulls} rows");
        }
    }
}
