using System.Globalization;
using System.Text.Json;
using Tracekit.Tests;

namespace Tracekit.Parquet.Tests.Files;

/// <summary>Files of another project's writers read to what an independent reader found in them.</summary>
public sealed class OpenDcTracesTests
{
    private static readonly string Folder = Path.Combine(Repository.Shared, "opendc-traces");

    public static TheoryData<string, string> Tables()
    {
        var data = new TheoryData<string, string>();
        foreach (var trace in Expected().EnumerateObject())
        {
            foreach (var table in trace.Value.EnumerateObject())
            {
                data.Add(trace.Name, table.Name);
            }
        }

        return data;
    }

    [Fact]
    public void Every_folder_of_traces_is_expected()
    {
        var folders = Directory.GetDirectories(Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal);

        var expected = Expected().EnumerateObject().Select(trace => trace.Name).Order(StringComparer.Ordinal);

        Assert.Equal(expected, folders);
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void Trace_reads_to_what_is_expected(string trace, string table)
    {
        var expected = Expected().GetProperty(trace).GetProperty(table);

        using var reader = ParquetReader.Open(Path.Combine(Folder, trace, $"{table}.parquet"));

        Assert.Equal(
            expected.GetProperty("columns").EnumerateArray().Select(column => column.GetString()),
            reader.Schema.Columns.Select(column => $"{column.Name}:{DuckDbType.Of(column)}"));
        Assert.Equal(expected.GetProperty("rows").GetInt64(), reader.RowCount);
        Assert.Equal(reader.RowCount, reader.RowGroups.Sum(group => group.RowCount));
        foreach (var sum in expected.EnumerateObject().Where(property => property.Name is not ("columns" or "rows")))
        {
            CheckSum(reader, sum.Name, sum.Value);
        }
    }

    [Fact]
    public void Lists_of_the_workflow_are_its_edges()
    {
        using var reader = ParquetReader.Open(Path.Combine(Folder, "workflow_example", "tasks.parquet"));

        var parents = reader.ReadLists<int>("parents");
        var children = reader.ReadLists<int>("children");
        var ids = reader.ReadColumn<int>("id");

        var down = ids.SelectMany((id, row) => (children[row] ?? []).Select(child => (id, child))).Order();
        var up = ids.SelectMany((id, row) => (parents[row] ?? []).Select(parent => (parent, id))).Order();
        Assert.NotEmpty(down);
        Assert.Equal(down, up);
    }

    private static JsonElement Expected() =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "expected.json"))).RootElement;

    private static void CheckSum(ParquetReader reader, string name, JsonElement expected)
    {
        switch (name)
        {
            case "sum_duration" or "sum_mem_capacity":
                Assert.Equal(expected.GetString(), SumOfIntegers(reader, name["sum_".Length..]));
                break;
            case "sum_cpu_capacity":
                AssertClose(expected, reader.ReadColumn<double>("cpu_capacity").Sum());
                break;
            case "sum_usage_x_duration":
                var durations = reader.ReadColumn<long>("duration");
                AssertClose(expected, reader.ReadColumn<double>("cpu_usage").Zip(durations, (usage, duration) => usage * duration).Sum());
                break;
            case "distinct_ids":
                Assert.Equal(expected.GetInt32(), DistinctIds(reader));
                break;
            default:
                Assert.Fail($"expected.json has the sum {name}, which this test does not know");
                break;
        }
    }

    private static string SumOfIntegers(ParquetReader reader, string column) =>
        reader.ReadColumn<long>(column).Aggregate(Int128.Zero, (sum, value) => sum + value).ToString(CultureInfo.InvariantCulture);

    private static int DistinctIds(ParquetReader reader) =>
        reader.Schema.TryFind("id", out var id) && id.Type == PhysicalType.ByteArray
            ? reader.ReadStrings("id").Distinct().Count()
            : reader.ReadColumn<int>("id").Distinct().Count();

    private static void AssertClose(JsonElement expected, double actual)
    {
        var value = double.Parse(expected.GetString()!, CultureInfo.InvariantCulture);
        Assert.InRange(actual, value - (Math.Abs(value) * 1e-9), value + (Math.Abs(value) * 1e-9));
    }
}
