using System.Globalization;
using Tracekit.Parquet;

namespace Tracekit.EndToEnd;

/// <summary>What a run exports, read by an independent judge.</summary>
public sealed class ExportJudgeTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void DuckDB_reads_our_files_with_the_contracts_types_and_nullability_and_the_same_values()
    {
        _workspace.Tracekit.Succeed("run", "--inputs", _workspace.Inputs(2), "--mix", "light1c=1", "--total", "3", "--interval-ms", "20", "--run-id", "r", "--export", "exported");
        var (tasks, fragments) = (_workspace.File("exported/tasks.parquet"), _workspace.File("exported/fragments.parquet"));

        Assert.Equal(
            [
                "id:INTEGER", "name:VARCHAR", "submission_time:TIMESTAMP WITH TIME ZONE", "duration:BIGINT", "cpu_count:INTEGER", "cpu_capacity:DOUBLE",
                "mem_capacity:BIGINT",
            ],
            DuckDb.Query($"SELECT * FROM '{tasks}'").Types);
        Assert.Equal(["id:INTEGER", "duration:BIGINT", "cpu_usage:DOUBLE"], DuckDb.Query($"SELECT * FROM '{fragments}'").Types);
        Assert.Equal(["\"name\""], DuckDb.Query($"SELECT name FROM parquet_schema('{tasks}') WHERE repetition_type = 'OPTIONAL'").Column("name"));
        Assert.Empty(DuckDb.Query($"SELECT name FROM parquet_schema('{fragments}') WHERE repetition_type = 'OPTIONAL'").Rows);

        using var ours = ParquetReader.Open(fragments);
        var theirs = DuckDb.Query($"SELECT id, duration::VARCHAR AS duration, cpu_usage FROM '{fragments}'");
        Assert.Equal(ours.ReadColumn<int>("id"), theirs.Rows.Select(r => r.GetProperty("id").GetInt32()));
        Assert.Equal(ours.ReadColumn<long>("duration"), theirs.Rows.Select(r => long.Parse(r.GetProperty("duration").GetString()!, CultureInfo.InvariantCulture)));
        Assert.Equal(ours.ReadColumn<double>("cpu_usage"), theirs.Rows.Select(r => r.GetProperty("cpu_usage").GetDouble()));
        using var ourTasks = ParquetReader.Open(tasks);
        var theirTasks = DuckDb.Query($"SELECT name, epoch_ms(submission_time)::VARCHAR AS submitted FROM '{tasks}'");
        Assert.Equal(ourTasks.ReadStrings("name"), theirTasks.Rows.Select(r => r.GetProperty("name").GetString()));
        Assert.Equal(
            _workspace.Invocations("r").Select(i => i.TsEnqueue!.Value).Order(),
            theirTasks.Rows.Select(r => long.Parse(r.GetProperty("submitted").GetString()!, CultureInfo.InvariantCulture)));
    }
}
