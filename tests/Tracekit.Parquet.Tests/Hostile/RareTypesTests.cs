using Tracekit.Parquet.Encodings;

namespace Tracekit.Parquet.Tests.Hostile;

/// <summary>Types and encodings that neither our writer nor DuckDB writes, in pages made by hand.</summary>
public sealed class RareTypesTests
{
    [Fact]
    public void Twelve_byte_times_are_read_as_they_lie()
    {
        var file = new HandMadeFile
        {
            Schema = [new("time", Repetition.Required, PhysicalType.Int96)],
            ChunkType = PhysicalType.Int96,
            Rows = 2,
            Values = 2,
            Pages = [new([1, 0, 0, 0, 0, 0, 0, 0, 0x8C, 0x3D, 0x25, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0x8D, 0x3D, 0x25, 0], 2)],
        };

        using var reader = ParquetReader.Open(new MemoryStream(file.ToArray()));

        Assert.Equal([new Int96(1, 2_440_588), new Int96(2, 2_440_589)], reader.ReadColumn<Int96>("time"));
    }

    [Fact]
    public void Booleans_in_runs_are_read()
    {
        // Ten times true, then a packed group.
        var file = new HandMadeFile
        {
            Schema = [new("flag", Repetition.Required, PhysicalType.Boolean)],
            ChunkType = PhysicalType.Boolean,
            Rows = 14,
            Values = 14,
            Pages = [new([4, 0, 0, 0, 10 << 1, 1, (1 << 1) | 1, 0b0101], 14) { Encoding = ParquetEncoding.Rle }],
        };

        using var reader = ParquetReader.Open(new MemoryStream(file.ToArray()));

        Assert.Equal([.. Enumerable.Repeat(true, 10), true, false, true, false], reader.ReadColumn<bool>("flag"));
    }

    [Fact]
    public void Dictionary_in_the_spelling_of_old_is_read()
    {
        var file = new HandMadeFile
        {
            Rows = 3,
            Values = 3,
            Pages =
            [
                new([7, 0, 0, 0, 9, 0, 0, 0], 2) { Type = Footer.PageType.Dictionary, Encoding = ParquetEncoding.PlainDictionary },
                new([1, 3, 0b010], 3) { Encoding = ParquetEncoding.PlainDictionary },
            ],
        };

        using var reader = ParquetReader.Open(new MemoryStream(file.ToArray()));

        Assert.Equal([7, 9, 7], reader.ReadColumn<int>("id"));
    }

    [Fact]
    public void Pipe_is_refused_as_it_cannot_seek()
    {
        using var folder = new TemporaryFolder();
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream();
        var path = $"/proc/self/fd/{pipe.SafePipeHandle.DangerousGetHandle()}";

        var error = Assert.Throws<ParquetFormatException>(() => ParquetReader.Open(path));

        Assert.Contains("cannot seek", error.Message, StringComparison.Ordinal);
    }
}
