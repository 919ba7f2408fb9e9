namespace Tracekit.Parquet.Tests.RoundTrip;

public sealed class WriterMisuseTests
{
    private static readonly ParquetSchema Schema = new(ParquetColumn.Int32("id"), ParquetColumn.Utf8("name", optional: true));

    [Fact]
    public void Column_out_of_step_is_named()
    {
        using var writer = ParquetWriter.Create(new MemoryStream(), Schema);
        writer.Column<int>("id").Append(1);
        writer.EndRow();

        var error = Assert.Throws<InvalidOperationException>(writer.Close);

        Assert.Contains("column name has 0 rows where 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Null_in_a_required_column_is_refused()
    {
        using var writer = ParquetWriter.Create(new MemoryStream(), Schema);

        Assert.Throws<InvalidOperationException>(() => writer.Column<int>("id").Append((int?)null));
    }

    [Fact]
    public void Column_asked_for_as_another_type_is_named_with_its_type()
    {
        using var writer = ParquetWriter.Create(new MemoryStream(), Schema);

        var error = Assert.Throws<ArgumentException>(() => writer.Column<long>("id"));

        Assert.Contains("column id is Int32", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_was_not_closed_is_not_taken_for_whole()
    {
        var stream = new MemoryStream();
        using (var writer = ParquetWriter.Create(stream, Schema, leaveOpen: true))
        {
            writer.Column<int>("id").Append(1);
            writer.BytesColumn("name").Append("a");
            writer.EndRow();
            writer.EndRowGroup();
        }

        var error = Assert.Throws<ParquetFormatException>(() => ParquetReader.Open(stream, "half.parquet"));

        Assert.Contains("half.parquet", error.Message, StringComparison.Ordinal);
        Assert.Contains("was not closed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Stream_that_cannot_seek_is_enough_to_write()
    {
        var target = new MemoryStream();
        using (var stream = new System.IO.Compression.GZipStream(target, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            using var writer = ParquetWriter.Create(stream, new ParquetSchema(ParquetColumn.Int32("id")));
            writer.Column<int>("id").Append([1, 2, 3]);
            writer.EndRows(3);
            writer.Close();
        }

        target.Position = 0;
        var whole = new MemoryStream();
        new System.IO.Compression.GZipStream(target, System.IO.Compression.CompressionMode.Decompress).CopyTo(whole);
        using var reader = ParquetReader.Open(whole);
        Assert.Equal([1, 2, 3], reader.ReadColumn<int>("id"));
    }
}
