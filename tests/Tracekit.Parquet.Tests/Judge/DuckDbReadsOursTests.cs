using System.Globalization;
using System.Text.Json;
using Tracekit.Parquet.Tests.RoundTrip;

namespace Tracekit.Parquet.Tests.Judge;

/// <summary>DuckDB reads from our files what we wrote.</summary>
public sealed class DuckDbReadsOursTests : IDisposable
{
    private const string Utc = "TimestampType(isAdjustedToUTC=1";

    private static readonly ParquetColumn[] Columns =
    [
        ParquetColumn.Int32("id"),
        ParquetColumn.Utf8("name", optional: true),
        ParquetColumn.TimestampMillisUtc("submission_time"),
        ParquetColumn.Int64("duration"),
        ParquetColumn.Double("cpu_capacity"),
        ParquetColumn.Single("share", optional: true),
        ParquetColumn.Int32List("parents", optional: true),
        ParquetColumn.Int32List("strict", optional: false, elementOptional: false),
        ParquetColumn.DoubleList("loads", optional: true),
        ParquetColumn.Boolean("deferrable", optional: true),
        ParquetColumn.Int64("deadline", optional: true),
        ParquetColumn.TimestampMicrosUtc("seen", optional: true),
    ];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<Compression, bool, int> Layouts { get; } = new()
    {
        { Compression.Snappy, false, 1 << 20 },
        { Compression.Gzip, false, 0 },
        { Compression.Uncompressed, false, 1 << 20 },
        { Compression.Snappy, true, 1 << 20 },
        { Compression.Gzip, true, 1 << 20 },
        { Compression.Uncompressed, true, 0 },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Values_are_equal(Compression compression, bool isV2, int dictionaryBytes)
    {
        var options = new ParquetWriterOptions
        {
            Compression = compression,
            DataPageV2 = isV2,
            DictionaryBytes = dictionaryBytes,
            RowGroupRows = 700,
            PageBytes = 512,
        };
        var table = Table(2000, options);
        var path = Write(table);

        var result = DuckDb.Query(
            $"SELECT * REPLACE (epoch_ms(submission_time) AS submission_time, epoch_us(seen) AS seen) FROM '{path}'");

        foreach (var column in table.Columns)
        {
            Assert.Equal(column.Rows.Select(Json), result.Column(column.Column.Name).Select(Normal));
        }
    }

    [Fact]
    public void Types_are_what_the_schema_says()
    {
        var path = Write(Table(3, new()));

        var result = DuckDb.Query($"SELECT * FROM '{path}'");

        Assert.Equal(Columns.Select(column => $"{column.Name}:{Files.DuckDbType.Of(column)}"), result.Types);
    }

    [Fact]
    public void Repetition_and_both_spellings_of_meaning_are_in_the_schema()
    {
        var path = Write(Table(3, new()));

        var result = DuckDb.Query($"SELECT name, type, repetition_type, converted_type, logical_type FROM parquet_schema('{path}')");

        var rows = result.Rows.Select(row => string.Join(' ', row.EnumerateObject().Select(field => field.Value.ToString()))).ToArray();
        Assert.Contains("id INT32 REQUIRED  ", rows);
        Assert.Contains("name BYTE_ARRAY OPTIONAL UTF8 StringType()", rows);
        Assert.Contains(rows, row => row.StartsWith($"submission_time INT64 REQUIRED TIMESTAMP_MILLIS {Utc}", StringComparison.Ordinal));
        Assert.Contains(rows, row => row.StartsWith($"seen INT64 OPTIONAL TIMESTAMP_MICROS {Utc}", StringComparison.Ordinal));
        Assert.Contains("parents  OPTIONAL LIST ListType()", rows);
        Assert.Contains("strict  REQUIRED LIST ListType()", rows);
        Assert.Contains("element INT32 OPTIONAL  ", rows);
        Assert.Contains("element INT32 REQUIRED  ", rows);
        Assert.Contains("deferrable BOOLEAN OPTIONAL  ", rows);
    }

    [Fact]
    public void Statistics_and_layout_are_in_the_metadata()
    {
        var path = Write(Table(1000, new() { RowGroupRows = 400 }));

        var result = DuckDb.Query(
            $"SELECT row_group_num_rows, num_values, stats_min, stats_max, stats_min_value, stats_max_value, stats_null_count, compression"
            + $" FROM parquet_metadata('{path}') WHERE path_in_schema = 'id' ORDER BY row_group_id");

        Assert.Equal(["\"400\"", "\"400\"", "\"200\""], result.Column("row_group_num_rows"));
        Assert.Equal(["\"0\"", "\"400\"", "\"800\""], result.Column("stats_min_value"));
        Assert.Equal(["\"399\"", "\"799\"", "\"999\""], result.Column("stats_max_value"));
        Assert.Equal(result.Column("stats_max_value"), result.Column("stats_max"));
        Assert.Equal(result.Column("stats_min_value"), result.Column("stats_min"));
        Assert.All(result.Column("stats_null_count"), count => Assert.Equal("\"0\"", count));
        Assert.All(result.Column("compression"), codec => Assert.Equal("\"SNAPPY\"", codec));
    }

    [Fact]
    public void Statistics_filter_without_losing_rows()
    {
        var path = Write(Table(5000, new() { RowGroupRows = 500 }));

        var result = DuckDb.Query(
            $"SELECT (SELECT count(*) FROM '{path}' WHERE id = 2718) AS one,"
            + $" (SELECT count(*) FROM '{path}' WHERE name = 'task 5') AS named,"
            + $" (SELECT count(*) FROM '{path}' WHERE cpu_capacity = 0) AS zero,"
            + $" (SELECT count(*) FROM '{path}' WHERE isnan(cpu_capacity)) AS nan");

        Assert.Equal(["\"1\""], result.Column("one"));
        Assert.Equal([Quoted(Table(5000, new()).Columns[1].Rows.Count(row => (string?)row == "task 5"))], result.Column("named"));
        Assert.Equal([Quoted(Table(5000, new()).Columns[4].Rows.Count(row => (double)row! == 0))], result.Column("zero"));
        Assert.Equal([Quoted(Table(5000, new()).Columns[4].Rows.Count(row => double.IsNaN((double)row!)))], result.Column("nan"));
    }

    [Fact]
    public void File_without_rows_is_read()
    {
        var path = Write(Table(0, new()));

        var result = DuckDb.Query($"SELECT count(*) AS n FROM '{path}'");

        Assert.Equal(["\"0\""], result.Column("n"));
    }

    public void Dispose() => _folder.Dispose();

    private static string Quoted(int number) => $"\"{number}\"";

    private static TestTable Table(int rows, ParquetWriterOptions options)
    {
        object? Nullable(int row, object value) => row % 5 == 3 ? null : value;
        Func<int, object?>[] values =
        [
            row => row,
            row => Nullable(row, row % 11 == 0 ? "ünïcode 👩‍🚀" : $"task {row % 100}"),
            row => 1_700_000_000_000L + (row * 37L),
            row => row % 2 == 0 ? 30_000L : long.MaxValue - row,
            row => (row % 7) switch { 0 => double.NaN, 1 => double.PositiveInfinity, 2 => -0.0, _ => row / 3.0 },
            row => Nullable(row, row / 4f),
            row => Nullable(row, row % 3 == 0 ? Array.Empty<object?>() : [row, null, -row]),
            row => Enumerable.Range(row, row % 4).Select(value => (object?)value).ToArray(),
            row => Nullable(row, Enumerable.Range(0, row % 3).Select(value => (object?)(value / 2.0)).ToArray()),
            row => Nullable(row, row % 3 == 0),
            row => row < 1500 ? null : (long)row,
            row => Nullable(row, 1_700_000_000_000_000L + row),
        ];
        return new TestTable(
            [.. Columns.Zip(values, (column, value) => new TestColumn(column, [.. Enumerable.Range(0, rows).Select(value)]))], options);
    }

    private string Write(TestTable table)
    {
        var path = _folder.File("ours.parquet");
        using var stream = File.Create(path);
        table.Write(stream);
        return path;
    }

    /// <summary>A value as query.mjs prints it, numbers by their value.</summary>
    private static string Json(object? value) => value switch
    {
        null => "null",
        object?[] list => $"[{string.Join(",", list.Select(Json))}]",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        double.NaN => "NaN",
        double.PositiveInfinity => "Infinity",
        double number => (number + 0.0).ToString("R", CultureInfo.InvariantCulture),
        float number => ((double)number).ToString("R", CultureInfo.InvariantCulture),
        _ => string.Format(CultureInfo.InvariantCulture, "{0}", value),
    };

    private static string Normal(string json)
    {
        var element = JsonDocument.Parse(json).RootElement;
        return Json(Value(element));
    }

    private static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.Array => element.EnumerateArray().Select(Value).ToArray(),
        JsonValueKind.Number => element.GetDouble(),
        JsonValueKind.String when long.TryParse(element.GetString(), out var number) => number,
        JsonValueKind.String when element.GetString() is "NaN" or "Infinity" => double.Parse(element.GetString()!, CultureInfo.InvariantCulture),
        JsonValueKind.String => element.GetString(),
        _ => element.GetBoolean(),
    };
}
