using Tracekit.Parquet;

namespace Tracekit.Trace.Verify;

/// <summary>What is kept of one row of <c>tasks.parquet</c> to judge its fragments by.</summary>
internal struct TaskRow
{
    /// <summary>Duration in ms.</summary>
    public long DurationMs;

    /// <summary>Capacity in MHz; infinite when the file has no such column.</summary>
    public double CpuCapacity;

    /// <summary>Fragments seen.</summary>
    public long Fragments;

    /// <summary>Their durations added up, in ms.</summary>
    public long FragmentMs;
}

/// <summary>Reads <c>tasks.parquet</c> and checks it row by row.</summary>
internal sealed class TaskRows(FaultList faults)
{
    private readonly Dictionary<TaskKey, int> _byId = [];
    private readonly List<TaskKey> _ids = [];
    private TaskRow[] _rows = new TaskRow[1024];
    private long _lastSubmissionMs = long.MinValue;

    /// <summary>The tasks in file order.</summary>
    public Span<TaskRow> Rows => _rows.AsSpan(0, _ids.Count);

    /// <summary>The id of a row.</summary>
    public TaskKey Id(int row) => _ids[row];

    /// <summary>The row of an id, or −1.</summary>
    public int Find(TaskKey id) => _byId.TryGetValue(id, out var row) ? row : -1;

    /// <summary>Reads the file.</summary>
    public void Read(ParquetReader reader)
    {
        using var ids = IdColumn.Open(reader);
        if (ids is null)
        {
            return;
        }

        using var submissions = NumberColumn.Open(reader, "submission_time");
        using var durations = NumberColumn.Open(reader, "duration");
        using var counts = NumberColumn.Open(reader, "cpu_count");
        using var capacities = NumberColumn.Open(reader, "cpu_capacity");
        using var memories = NumberColumn.Open(reader, "mem_capacity");
        NumberColumn?[] numbers = [submissions, durations, counts, capacities, memories];
        while (ids.Read() is > 0 and var rows)
        {
            foreach (var column in numbers)
            {
                column?.Read();
            }

            for (var i = 0; i < rows; i++)
            {
                if (AddId(ids.Keys[i]) is { } id)
                {
                    CheckRow(i, id, submissions, durations, counts, capacities, memories);
                }
            }
        }

        CheckNulls(numbers, ["submission_time", "duration", "cpu_count", "cpu_capacity", "mem_capacity"]);
    }

    /// <summary>Checks that a list column names tasks that there are.</summary>
    public void CheckRelatives(ParquetReader reader, string name)
    {
        if (!reader.Schema.TryFind(name, out var column) || column is not { IsList: true, Type: PhysicalType.Int32 })
        {
            return;
        }

        using var lists = reader.ListColumn<int>(name);
        var batch = new ListBatch<int>();
        while (lists.Read(batch, WorkloadBatch.Rows) > 0)
        {
            foreach (var id in batch.Elements)
            {
                if (Find(new TaskKey(id, null)) < 0)
                {
                    faults.Error("unknown_relative", "parents or children are no task", () => $"{name} names {id}");
                }
            }
        }
    }

    private TaskKey? AddId(TaskKey? key)
    {
        if (key is not { } id)
        {
            faults.Error("null_value", "required values are missing", () => "tasks.parquet: id");
            return null;
        }

        if (!_byId.TryAdd(id, _ids.Count))
        {
            faults.Error("duplicate_id", "ids stand for more than one task", () => $"id {id}");
            return null;
        }

        if (_ids.Count == _rows.Length)
        {
            Array.Resize(ref _rows, _rows.Length * 2);
        }

        _ids.Add(id);
        return id;
    }

    private void CheckRow(
        int i, TaskKey id, NumberColumn? submissions, NumberColumn? durations, NumberColumn? counts, NumberColumn? capacities, NumberColumn? memories)
    {
        ref var row = ref _rows[_ids.Count - 1];
        row.DurationMs = durations?.Whole[i] ?? 0;
        row.CpuCapacity = capacities?.Values[i] ?? double.PositiveInfinity;
        if (submissions is not null)
        {
            if (submissions.Whole[i] < _lastSubmissionMs)
            {
                faults.Error("tasks_out_of_order", "tasks do not stand in order of submission", () => $"id {id}");
            }

            _lastSubmissionMs = submissions.Whole[i];
        }

        Check(durations, i, id, "duration", atLeast: 1);
        Check(counts, i, id, "cpu_count", atLeast: 1);
        Check(capacities, i, id, "cpu_capacity", atLeast: 0);
        Check(memories, i, id, "mem_capacity", atLeast: 0);
    }

    private void Check(NumberColumn? column, int i, TaskKey id, string name, double atLeast)
    {
        // Written so that NaN is a fault.
        if (column is not null && column.IsPresent[i] && !(column.Values[i] >= atLeast && double.IsFinite(column.Values[i])))
        {
            faults.Error("bad_value", "values are negative, zero where that cannot be, or no number", () => $"task {id}: {name} is {column.Values[i]}");
        }
    }

    private void CheckNulls(NumberColumn?[] columns, string[] names)
    {
        for (var c = 0; c < columns.Length; c++)
        {
            if (columns[c] is { Nulls: > 0 and var nulls })
            {
                faults.Error("null_value", "required values are missing", () => $"tasks.parquet: {names[c]} in {nulls} rows");
            }
        }
    }
}
