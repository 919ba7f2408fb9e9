using FsCheck;
using FsCheck.Fluent;

namespace Tracekit.Parquet.Tests.RoundTrip;

public sealed class RoundTripTests
{
    [Fact]
    public void What_is_written_reads_back_bit_for_bit() =>
        Prop.ForAll(TestTables.Any, ReadsBack).Check(Config.QuickThrowOnFailure.WithMaxTest(400));

    [Fact]
    public void Schema_reads_back_as_it_was_written() =>
        Prop.ForAll(TestTables.Any, SchemaReadsBack).Check(Config.QuickThrowOnFailure.WithMaxTest(100));

    [Fact]
    public void Statistics_bound_the_values() =>
        Prop.ForAll(TestTables.Any, StatisticsHold).Check(Config.QuickThrowOnFailure.WithMaxTest(200));

    [Fact]
    public void Key_value_metadata_and_writer_read_back()
    {
        var options = new ParquetWriterOptions
        {
            CreatedBy = "somebody version 1.2.3",
            KeyValueMetadata = new Dictionary<string, string> { ["run"] = "20260101T000000Z", ["ünï"] = "" },
        };

        using var reader = ParquetReader.Open(new MemoryStream(new TestTable([new(ParquetColumn.Int32("id"), [1])], options).Write()));

        Assert.Equal("somebody version 1.2.3", reader.CreatedBy);
        Assert.Equal(options.KeyValueMetadata, reader.KeyValueMetadata);
    }

    [Fact]
    public void Repeated_values_are_written_with_a_dictionary_and_distinct_ones_without()
    {
        var repeated = new TestColumn(ParquetColumn.Int64("x"), [.. Enumerable.Range(0, 5000).Select(row => (object)(row % 7 * 1000L))]);
        var distinct = new TestColumn(ParquetColumn.Int64("x"), [.. Enumerable.Range(0, 5000).Select(row => (object)(row * 1_000_003L))]);
        var options = new ParquetWriterOptions { Compression = Compression.Uncompressed };

        var repeatedBytes = new TestTable([repeated], options).Write().Length;
        var distinctBytes = new TestTable([distinct], options).Write().Length;

        Assert.InRange(repeatedBytes, 1, 5000);
        Assert.InRange(distinctBytes, 40_000, 40_500);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public void Rows_without_a_value_cost_next_to_nothing(int valuesAtFront)
    {
        var column = new TestColumn(
            ParquetColumn.Double("x", optional: true),
            [.. Enumerable.Range(0, 100_000).Select(row => row < valuesAtFront ? (object)(double)row : null)]);

        Assert.InRange(new TestTable([column], new()).Write().Length, 1, 1000);
    }

    [Fact]
    public void Row_group_is_written_when_its_bytes_are_reached()
    {
        var options = new ParquetWriterOptions { RowGroupBytes = 100_000 };
        var column = new TestColumn(ParquetColumn.Int64("x"), [.. Enumerable.Range(0, 50_000).Select(row => (object)(long)row)]);

        using var reader = ParquetReader.Open(new MemoryStream(new TestTable([column], options).Write()));

        Assert.Equal(4, reader.RowGroups.Count);
        Assert.All(reader.RowGroups, group => Assert.InRange(group.RowCount * 8, 1, 100_000 + (8 * 1024)));
        Assert.Equal(column.Rows, reader.ReadColumn<long>("x").Cast<object>());
    }

    private static void ReadsBack(TestTable table)
    {
        using var reader = ParquetReader.Open(new MemoryStream(table.Write()));

        Assert.Equal(table.Show(), TestTable.Read(reader).Show());
    }

    private static void SchemaReadsBack(TestTable table)
    {
        using var reader = ParquetReader.Open(new MemoryStream(table.Write()));

        Assert.Equal(table.Columns.Select(column => column.Column), reader.Schema.Columns.Select(column => column with { Shape = null }));
    }

    private static void StatisticsHold(TestTable table)
    {
        using var reader = ParquetReader.Open(new MemoryStream(table.Write()));

        for (var i = 0; i < table.Columns.Count; i++)
        {
            var (column, rows) = table.Columns[i];
            var nulls = reader.RowGroups.Sum(group => group.Statistics[i]!.NullCount);
            if (!column.IsList)
            {
                Assert.Equal(rows.Count(row => row is null), nulls);
            }

            switch (column.Type)
            {
                case PhysicalType.Int32 when !column.IsList:
                    AssertRange(reader, i, rows.OfType<int>());
                    break;
                case PhysicalType.Int64 when !column.IsList:
                    AssertRange(reader, i, rows.OfType<long>());
                    break;
                case PhysicalType.Double when !column.IsList:
                    AssertRange(reader, i, rows.OfType<double>().Where(value => !double.IsNaN(value)));
                    break;
            }
        }
    }

    private static void AssertRange<T>(ParquetReader reader, int column, IEnumerable<T> values)
        where T : unmanaged
    {
        var all = values.ToArray();
        var ranges = reader.RowGroups.Select(group => (Has: group.Statistics[column]!.TryGetRange<T>(out var min, out var max), min, max))
            .Where(range => range.Has).ToArray();

        Assert.Equal(all.Length == 0, ranges.Length == 0);
        if (all.Length > 0)
        {
            Assert.Equal(all.Min(), ranges.Min(range => range.min));
            Assert.Equal(all.Max(), ranges.Max(range => range.max));
        }
    }
}
