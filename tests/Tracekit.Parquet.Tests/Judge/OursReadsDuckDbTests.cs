using System.Globalization;
using Tracekit.Parquet.Tests.RoundTrip;

namespace Tracekit.Parquet.Tests.Judge;

/// <summary>We read from DuckDB's files what DuckDB wrote: encodings and pages that our own writer does not write.</summary>
public sealed class OursReadsDuckDbTests : IDisposable
{
    private const int Rows = 30_000;

    /// <summary>Numbers that grow, jump, repeat and are missing, with what each row must be.</summary>
    private static readonly (string Sql, Func<long, object?> Value)[] Columns =
    [
        ("i::INTEGER AS rising", i => (int)i),
        ("(i * 7919 % 100003 - 50000)::INTEGER AS jumping", i => (int)((i * 7919 % 100003) - 50000)),
        ("CASE WHEN i % 2 = 0 THEN 9223372036854775807 ELSE -9223372036854775807 END AS extreme",
            i => i % 2 == 0 ? long.MaxValue : -long.MaxValue),
        ("(1700000000000 + i * i)::BIGINT AS curved", i => 1_700_000_000_000L + (i * i)),
        ("(i // 1000)::INTEGER AS repeated", i => (int)(i / 1000)),
        ("CASE WHEN i % 3 = 1 THEN NULL ELSE (i * 31)::BIGINT END AS gappy", i => i % 3 == 1 ? null : i * 31),
        ("i % 5 = 0 AS flag", i => i % 5 == 0),
        ("CASE WHEN i % 4 = 0 THEN NULL ELSE i % 3 = 0 END AS maybe", i => i % 4 == 0 ? null : i % 3 == 0),
        ("(i % 10)::DOUBLE / 4 AS few", i => i % 10 / 4.0),
        ("'name ' || (i % 50) AS text", i => $"name {i % 50}"),
        ("CASE WHEN i % 7 = 0 THEN NULL WHEN i % 7 = 1 THEN [] ELSE [i::INTEGER, NULL, (i + 1)::INTEGER] END AS list",
            i => (i % 7) switch { 0 => null, 1 => Array.Empty<object?>(), _ => new object?[] { (int)i, null, (int)i + 1 } }),
    ];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Layouts { get; } = new()
    {
        { "snappy", "V1" },
        { "gzip", "V1" },
        { "uncompressed", "V1" },
        { "snappy", "V2" },
        { "gzip", "V2" },
        { "uncompressed", "V2" },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Values_are_equal(string compression, string version)
    {
        var columns = string.Join(", ", Columns.Select(column => column.Sql));
        var path = Copy(columns, $"COMPRESSION {compression}, PARQUET_VERSION {version}, ROW_GROUP_SIZE 12000");

        using var reader = ParquetReader.Open(path);
        var table = TestTable.Read(reader);

        Assert.Equal(Columns.Length, table.Columns.Count);
        for (var i = 0; i < Columns.Length; i++)
        {
            var expected = new TestColumn(table.Columns[i].Column, [.. Enumerable.Range(0, Rows).Select(row => Columns[i].Value(row))]);
            Assert.Equal(expected.ToString(), table.Columns[i].ToString());
        }
    }

    [Fact]
    public void Version_2_is_where_differences_are_packed()
    {
        var path = Copy(string.Join(", ", Columns.Select(column => column.Sql)), "PARQUET_VERSION V2");

        var result = DuckDb.Query($"SELECT DISTINCT encodings FROM parquet_metadata('{path}')");

        Assert.Contains(result.Column("encodings"), encodings => encodings.Contains("DELTA_BINARY_PACKED", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("'text ' || i AS c", "DELTA_LENGTH_BYTE_ARRAY")]
    [InlineData("sqrt(i) AS c", "BYTE_STREAM_SPLIT")]
    public void Encoding_that_is_not_read_is_named_with_its_column(string column, string encoding)
    {
        var path = Copy(column, "PARQUET_VERSION V2");
        using var reader = ParquetReader.Open(path);

        var error = Assert.Throws<ParquetFormatException>(() => TestTable.Read(reader));

        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains($"column c uses encoding {encoding}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compression_that_is_not_read_is_named_with_its_column()
    {
        var path = Copy("i AS c", "COMPRESSION zstd");
        using var reader = ParquetReader.Open(path);

        var error = Assert.Throws<ParquetFormatException>(() => reader.ReadColumn<long>("c"));

        Assert.Contains("column c is compressed with ZSTD", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Times_and_other_meanings_are_told()
    {
        var path = Copy(
            "make_timestamp_ms(i)::TIMESTAMPTZ AS a, make_timestamp(i) AS b, DATE '2024-01-01' AS c, "
            + "i::UINTEGER AS d, uuid() AS e, i::DECIMAL(9,2) AS f",
            "COMPRESSION snappy");

        using var reader = ParquetReader.Open(path);

        Assert.Equal(
            ["a Int64 TimestampMicros True", "b Int64 TimestampMicros False", "c Int32 Date False", "d Int32 UnsignedInteger False",
                "e FixedLenByteArray Uuid False", "f Int32 FixedPoint False"],
            reader.Schema.Columns.Select(column => $"{column.Name} {column.Type} {column.Logical} {column.IsAdjustedToUtc}"));
        Assert.Equal(5_000L, reader.ReadNullableColumn<long>("b")[5000]);
        Assert.Equal(16, reader.ReadColumn<ReadOnlyMemory<byte>>("e")[0].Length);
    }

    [Fact]
    public void Fields_of_structs_and_maps_are_columns_of_their_own()
    {
        var path = Copy(
            "{'x': i, 'y': {'z': CASE WHEN i % 2 = 0 THEN NULL ELSE i END}} AS s, MAP {'k': i::INTEGER} AS m, [[i]] AS deep", "COMPRESSION snappy");

        using var reader = ParquetReader.Open(path);

        Assert.Equal(7L, reader.ReadNullableColumn<long>("s.x")[7]);
        Assert.Null(reader.ReadNullableColumn<long>("s.y.z")[6]);
        Assert.Equal([7], reader.ReadLists<int>("m.key_value.value")[7]!);
        var deep = reader.Schema.Columns[^1].Name;
        var error = Assert.Throws<ParquetFormatException>(() => reader.ReadLists<long>(deep));
        Assert.Contains("lists within lists", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_of_text_are_read()
    {
        var path = Copy("['a' || i, 'b'] AS l", "COMPRESSION snappy");

        using var reader = ParquetReader.Open(path);

        var row = reader.ReadLists<ReadOnlyMemory<byte>>("l")[123]!;
        Assert.Equal(["a123", "b"], row.Select(text => System.Text.Encoding.UTF8.GetString(text.Span)));
    }

    public void Dispose() => _folder.Dispose();

    private string Copy(string columns, string options)
    {
        var path = _folder.File("theirs.parquet");
        DuckDb.Query(string.Create(
            CultureInfo.InvariantCulture, $"COPY (SELECT {columns} FROM range({Rows}) AS rows(i)) TO '{path}' (FORMAT parquet, {options})"));
        return path;
    }
}
