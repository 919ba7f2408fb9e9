namespace Tracekit.Parquet.Tests.Hostile;

/// <summary>
/// Lists in the spellings from before the three levels were settled.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#lists">parquet-format, Lists, backward-compatibility rules</see>.
/// </summary>
public sealed class LegacyListTests
{
    [Fact]
    public void Two_levels_are_a_list_of_required_elements()
    {
        // Null, empty, [1, 2]: repetition 0 0 0 1 in one bit, definition 0 1 2 2 in two bits.
        var file = new HandMadeFile
        {
            Schema = [new("parents", Repetition.Optional, Children: 1, IsList: true), new("array", Repetition.Repeated, PhysicalType.Int32)],
            Pages = [new([2, 0, 0, 0, 3, 0b1000, 3, 0, 0, 0, 3, 0b10100100, 0, 1, 0, 0, 0, 2, 0, 0, 0], 4)],
            Rows = 3,
            Values = 4,
        };

        using var reader = ParquetReader.Open(new MemoryStream(file.ToArray()));

        Assert.Equal("parents Optional True False", Describe(reader));
        Assert.Equal([null, [], [1, 2]], reader.ReadLists<int>("parents"));
    }

    [Fact]
    public void Repeated_field_alone_is_a_list_that_is_never_null()
    {
        // Empty, [7]: repetition 0 0, definition 0 1.
        var file = new HandMadeFile
        {
            Schema = [new("parents", Repetition.Repeated, PhysicalType.Int32)],
            Pages = [new([2, 0, 0, 0, 4, 0, 2, 0, 0, 0, 3, 0b10, 7, 0, 0, 0], 2)],
            Rows = 2,
            Values = 2,
        };

        using var reader = ParquetReader.Open(new MemoryStream(file.ToArray()));

        Assert.Equal("parents Repeated True False", Describe(reader));
        Assert.Equal([[], [7]], reader.ReadLists<int>("parents"));
    }

    [Theory]
    [InlineData("list", "element")]
    [InlineData("bag", "array_element")]
    [InlineData("list", "item")]
    public void Three_levels_are_a_list_whatever_they_are_called(string middle, string leaf)
    {
        // [null, 5]: repetition 0 1, definition 2 3.
        var file = new HandMadeFile
        {
            Schema =
            [
                new("parents", Repetition.Optional, Children: 1, IsList: true),
                new(middle, Repetition.Repeated, Children: 1),
                new(leaf, Repetition.Optional, PhysicalType.Int32),
            ],
            Pages = [new([2, 0, 0, 0, 3, 0b10, 3, 0, 0, 0, 3, 0b1110, 0, 5, 0, 0, 0], 2)],
            Rows = 1,
            Values = 2,
        };

        using var reader = ParquetReader.Open(new MemoryStream(file.ToArray()));
        using var lists = reader.ListColumn<int>("parents");
        var batch = new ListBatch<int>();

        Assert.Equal(1, lists.Read(batch, 10));
        Assert.Equal("parents Optional True True", Describe(reader));
        Assert.Equal([0, 5], batch[0].ToArray());
        Assert.Equal([false, true], batch.ElementIsPresent(0).ToArray());
        Assert.Equal(0, lists.Read(batch, 10));
    }

    private static string Describe(ParquetReader reader)
    {
        var column = Assert.Single(reader.Schema.Columns);
        return $"{column.Name} {column.Repetition} {column.IsList} {column.ElementIsOptional}";
    }
}
