using Tracekit.Parquet;
using Tracekit.Tests;
using Tracekit.Trace.Verify;

namespace Tracekit.Trace.Tests.Verify;

public sealed class VerifierTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("tracekit-verify-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("bitbrains-small", 50, 276979, "tasks_out_of_order 6, usage_over_capacity 19461, duration_mismatch 50, older_schema 1")]
    [InlineData("single_task", 1, 1, "duration_mismatch 1, older_schema 1")]
    [InlineData("small_gpu", 25, 504000, "older_schema 1")]
    [InlineData("surf_week", 6295, 2323475, "tasks_out_of_order 454, older_schema 1")]
    [InlineData("trace-v2.1", 4, 16667, "tasks_out_of_order 1, duration_mismatch 4, older_schema 3, other_column 2")]
    [InlineData("workflow_example", 4, 4, "older_schema 1")]
    public void OpenDcs_own_traces_are_read_and_their_faults_named(string trace, long tasks, long fragments, string faults)
    {
        var result = OpenDcVerifier.Verify(Path.Combine(Repository.Shared, "opendc-traces", trace));

        Assert.Equal(tasks, result.Tasks);
        Assert.Equal(fragments, result.Fragments);
        Assert.Equal(faults, string.Join(", ", result.Faults.Select(f => $"{f.Code} {f.Count}")));
    }

    [Fact]
    public void A_sound_workload_has_no_faults()
    {
        WriteTasks((1, 10, 300, 1, 1000.0));
        WriteFragments((1, 100, 1000.0), (1, 200, 0.0));

        var result = OpenDcVerifier.Verify(_directory);

        Assert.True(result.Ok);
        Assert.Empty(result.Faults);
        Assert.Equal((1, 2, 300, 300, 100_000.0), (result.Tasks, result.Fragments, result.TaskMs, result.FragmentMs, result.MhzMs));
    }

    [Fact]
    public void Every_fault_is_found_and_counted()
    {
        WriteTasks((1, 10, 300, 1, 1000.0), (2, 5, 100, 0, 1000.0), (2, 20, 100, 1, 1000.0), (3, 30, 100, 1, double.NaN), (4, 40, 0, 1, 1000.0));
        WriteFragments((1, 100, 1000.1), (2, 100, -1.0), (9, 100, 0.0), (4, 0, 0.0));

        var result = OpenDcVerifier.Verify(_directory);

        Assert.False(result.Ok);
        Assert.Equal(
            [
                ("bad_value", 5),
                ("duplicate_id", 1),
                ("duration_mismatch", 1),
                ("fragment_without_task", 1),
                ("task_without_fragments", 1),
                ("tasks_out_of_order", 1),
                ("usage_over_capacity", 1),
            ],
            result.Faults.Select(f => (f.Code, (int)f.Count)).OrderBy(f => f.Code, StringComparer.Ordinal));
    }

    [Fact]
    public void Rounding_above_the_capacity_is_no_fault()
    {
        WriteTasks((1, 10, 100, 1, 1000.0));
        WriteFragments((1, 100, 1000.0 * (1 + 5e-10)));

        Assert.True(OpenDcVerifier.Verify(_directory).Ok);
    }

    [Fact]
    public void Parents_and_children_must_be_tasks()
    {
        using (var writer = ParquetWriter.Create(Tasks, new ParquetSchema([.. ExpectedColumns.Tasks.Where(c => !c.IsOptional), ParquetColumn.Int32List("parents", optional: true)])))
        {
            AppendTask(writer, (1, 10, 100, 1, 1000.0));
            writer.ListColumn<int>("parents").Append([1, 5]);
            writer.EndRow();
            writer.Close();
        }

        WriteFragments((1, 100, 0.0));

        var fault = Assert.Single(OpenDcVerifier.Verify(_directory).Faults);
        Assert.Equal(("unknown_relative", "parents names 5"), (fault.Code, fault.Examples[0]));
    }

    [Fact]
    public void Missing_and_mistyped_columns_are_named()
    {
        using (var writer = ParquetWriter.Create(Tasks, new ParquetSchema(ParquetColumn.Int32("id"), ParquetColumn.Utf8("duration"))))
        {
            writer.Column<int>("id").Append(1);
            writer.BytesColumn("duration").Append("long");
            writer.EndRow();
            writer.Close();
        }

        WriteFragments((1, 100, 0.0));

        var faults = OpenDcVerifier.Verify(_directory).Faults;

        Assert.Equal(4, faults.Single(f => f.Code == "missing_column").Count);
        Assert.Equal("tasks.parquet: duration is BYTE_ARRAY (UTF8) REQUIRED, now INT64 REQUIRED", Assert.Single(faults.Single(f => f.Code == "column_type").Examples));
    }

    [Fact]
    public void A_damaged_file_is_named_with_the_place_of_the_damage()
    {
        WriteTasks((1, 10, 100, 1, 1000.0));
        WriteFragments((1, 100, 0.0));
        var bytes = File.ReadAllBytes(Fragments);
        File.WriteAllBytes(Fragments, bytes[..(bytes.Length / 2)]);

        var error = Assert.Throws<TraceFormatException>(() => OpenDcVerifier.Verify(_directory));

        Assert.StartsWith(Fragments + ": byte ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Random_damage_never_crashes() => Seeds.ForAll(200, random =>
    {
        WriteTasks((1, 10, 300, 1, 1000.0), (2, 20, 100, 1, 1000.0));
        WriteFragments((1, 100, 10.0), (1, 200, 0.0), (2, 100, 1.0));
        var file = random.Next(2) == 0 ? Tasks : Fragments;
        var bytes = File.ReadAllBytes(file);
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        File.WriteAllBytes(file, bytes);
        try
        {
            OpenDcVerifier.Verify(_directory);
        }
        catch (TraceFormatException e)
        {
            Assert.Contains("byte ", e.Message, StringComparison.Ordinal);
        }
    });

    [Fact]
    public void A_directory_without_files_says_what_belongs_there()
    {
        var error = Assert.Throws<UsageException>(() => OpenDcVerifier.Verify(_directory));

        Assert.Contains("tasks.parquet: no such file", error.Message, StringComparison.Ordinal);
    }

    private string Tasks => Path.Combine(_directory, "tasks.parquet");

    private string Fragments => Path.Combine(_directory, "fragments.parquet");

    private void WriteTasks(params (int Id, long Submission, long Duration, int CpuCount, double Capacity)[] tasks)
    {
        using var writer = ParquetWriter.Create(Tasks, new ParquetSchema([.. ExpectedColumns.Tasks.Where(c => !c.IsOptional)]));
        foreach (var task in tasks)
        {
            AppendTask(writer, task);
            writer.EndRow();
        }

        writer.Close();
    }

    private static void AppendTask(ParquetWriter writer, (int Id, long Submission, long Duration, int CpuCount, double Capacity) task)
    {
        writer.Column<int>("id").Append(task.Id);
        writer.Column<long>("submission_time").Append(task.Submission);
        writer.Column<long>("duration").Append(task.Duration);
        writer.Column<int>("cpu_count").Append(task.CpuCount);
        writer.Column<double>("cpu_capacity").Append(task.Capacity);
        writer.Column<long>("mem_capacity").Append(64);
    }

    private void WriteFragments(params (int Id, long Duration, double Usage)[] fragments)
    {
        using var writer = ParquetWriter.Create(Fragments, new ParquetSchema([.. ExpectedColumns.Fragments.Where(c => !c.IsOptional)]));
        foreach (var fragment in fragments)
        {
            writer.Column<int>("id").Append(fragment.Id);
            writer.Column<long>("duration").Append(fragment.Duration);
            writer.Column<double>("cpu_usage").Append(fragment.Usage);
            writer.EndRow();
        }

        writer.Close();
    }
}
