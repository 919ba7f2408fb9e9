using Tracekit.Parquet.Encodings;
using Tracekit.Parquet.Footer;
using Tracekit.Parquet.Thrift;

namespace Tracekit.Parquet.Tests.Hostile;

/// <summary>Files that claim what their bytes do not bear out are refused, before anything is made for the claim.</summary>
public sealed class LyingFileTests
{
    /// <summary>What a refusal may allocate: buffers of 256 KB are read ahead, pages here are small.</summary>
    private const long MaxAllocated = 2 << 20;

    private static readonly byte[] One = [1, 0, 0, 0];

    private static readonly HandMadePage Dictionary = new(One, 1) { Type = PageType.Dictionary };

    public static TheoryData<string, string> Lies()
    {
        var data = new TheoryData<string, string>();
        foreach (var (name, (_, error)) in Files)
        {
            data.Add(name, error);
        }

        return data;
    }

    private static readonly Dictionary<string, (HandMadeFile File, string Error)> Files = new()
    {
        ["page larger than the file"] =
            (new() { Pages = [new(One, 1) { CompressedBytes = int.MaxValue }] }, "a page of 2147483647 bytes where"),
        ["uncompressed page that claims more"] =
            (new() { Pages = [new(One, 1) { UncompressedBytes = int.MaxValue }] }, "cannot decompress to 2147483647"),
        ["Snappy bomb"] =
            (new() { Codec = 1, Pages = [new([255, 255, 255, 255, 7], 1) { UncompressedBytes = int.MaxValue }] }, "cannot decompress to"),
        ["Snappy data that claims more than its page"] =
            (new() { Codec = 1, Pages = [new([255, 255, 255, 255, 7], 1) { UncompressedBytes = 4 }] }, "Snappy data is of 2147483647 bytes where 4"),
        ["GZIP bomb"] =
            (new() { Codec = 2, Pages = [new([31, 139, 8, 0], 1) { UncompressedBytes = int.MaxValue }] }, "cannot decompress to"),
        ["GZIP that is none"] = (new() { Codec = 2, Pages = [new([1, 2, 3, 4], 1) { UncompressedBytes = 4 }] }, "GZIP data is damaged"),
        ["negative page size"] = (new() { Pages = [new(One, 1) { CompressedBytes = -1 }] }, "lacks the page's type or sizes"),
        ["page of too many values"] = (new() { Pages = [new(One, int.MaxValue)] }, "a page of 2147483647 values where 1 are due"),
        ["page of a negative number of values"] = (new() { Pages = [new(One, -1)] }, "a negative count"),
        ["values that are not there"] = (new() { Rows = 2, Values = 2, Pages = [new(One, 2)] }, "the data ends within 2 plain values"),
        ["chunk that ends before its values"] =
            (new() { Rows = 2, Values = 2, Pages = [new(One, 1)] }, "the column chunk ends where 1 more values are due"),
        ["dictionary of too many values"] =
            (new() { Pages = [Dictionary with { Values = int.MaxValue }] }, "a dictionary of 2147483647 values in 4 bytes"),
        ["place outside the dictionary"] =
            (new() { Pages = [Dictionary, new([8, 2, 9], 1) { Encoding = ParquetEncoding.RleDictionary }] }, "place 9 in a dictionary of 1 values"),
        ["packed place outside the dictionary"] =
            (new() { Pages = [Dictionary, new([8, 3, 9, 0, 0, 0, 0, 0, 0, 0], 1) { Encoding = ParquetEncoding.RleDictionary }] },
                "place 9 in a dictionary"),
        ["place of too many bits"] =
            (new() { Pages = [Dictionary, new([33, 2, 9], 1) { Encoding = ParquetEncoding.RleDictionary }] }, "numbers of 33 bits"),
        ["no dictionary"] =
            (new() { Pages = [new([8, 2, 9], 1) { Encoding = ParquetEncoding.PlainDictionary }] }, "there is none before it"),
        ["unknown encoding"] = (new() { Pages = [new(One, 1) { Encoding = (ParquetEncoding)77 }] }, "column id uses encoding number 77"),
        ["unknown codec"] = (new() { Codec = 4, Pages = [new(One, 1)] }, "column id is compressed with BROTLI"),
        ["levels longer than their page"] =
            (Optional(new([255, 255, 255, 255, 1, 2], 1)), "the data ends within 4294967295 bytes of levels"),
        ["levels in the encoding of old"] =
            (Optional(new([2, 0, 0, 0, 2, 1, 1, 0, 0, 0], 1) { LevelEncoding = ParquetEncoding.BitPacked }),
                "levels use encoding BIT_PACKED"),
        ["level above the highest"] = (Optional(new([2, 0, 0, 0, 2, 9, 1, 0, 0, 0], 1)), "a level above 1"),
        ["list that starts within a list"] = (List([2, 0, 0, 0, 2, 1, 2, 0, 0, 0, 2, 1, 1, 0, 0, 0]), "a row group starts within a list"),
        ["fewer lists than rows"] =
            (List([2, 0, 0, 0, 3, 2, 2, 0, 0, 0, 4, 1, 1, 0, 0, 0, 2, 0, 0, 0], values: 2) with { Rows = 2 },
                "1 lists in a row group of 2 rows"),
        ["chunk before the file"] = (new() { ChunkOffset = -4 }, "lies at byte -4"),
        ["chunk beyond the file"] = (new() { ChunkBytes = long.MaxValue }, "lies at byte 4 with 9223372036854775807 bytes"),
        ["chunk of negative size"] = (new() { ChunkBytes = -1 }, "with -1 bytes"),
        ["chunk of another type"] = (new() { ChunkType = PhysicalType.Double }, "holds Double where the schema has Int32"),
        ["more values than rows"] = (new() { Values = 9 }, "has 9 values for 1 rows"),
        ["negative rows"] = (new() { Rows = -1, Values = -1 }, "a row group lacks its columns or a row count"),
        ["group with more children than nodes"] = (new() { RootChildren = int.MaxValue }, "2147483647 children where 1 nodes are left"),
        ["nodes outside the tree"] = (new() { RootChildren = 0 }, "1 nodes outside its tree"),
        ["groups within groups without end"] = (Deep(), "the schema nests deeper than 32"),
        ["one name twice"] =
            (new() { RootChildren = 2, Schema = [Leaf("a"), Leaf("a")] }, "two columns are named 'a'"),
        ["long names that multiply"] = (LongNames(), "the names of the columns are too long"),
        ["unknown fields within unknown fields"] = (new() { ExtraFooterFields = NestDeeply }, "structs nest deeper than 32"),
        ["encrypted file"] = (new() { ExtraFooterFields = thrift => thrift.EmptyStructField(8) }, "the file is encrypted"),
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public void Lie_is_refused_with_its_name_place_and_reason(string lie, string error)
    {
        var bytes = Files[lie].File.ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();

        var thrown = Assert.Throws<ParquetFormatException>(() => WholeFile.Read(bytes, "lie.parquet", new()));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocated);
        Assert.Contains(error, thrown.Message, StringComparison.Ordinal);
        Assert.StartsWith("lie.parquet: byte ", thrown.Message, StringComparison.Ordinal);
        Assert.InRange(thrown.Offset!.Value, 0, bytes.Length);
    }

    [Fact]
    public void Page_above_the_limit_is_refused()
    {
        var file = new HandMadeFile { Rows = 100, Values = 100, Pages = [new(new byte[400], 100)] };

        var error = Assert.Throws<ParquetFormatException>(() => WholeFile.Read(file.ToArray(), null, new() { MaxPageBytes = 399 }));

        Assert.Contains("a page of 400 bytes, where 399 is the most", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_column_above_the_limit_is_refused()
    {
        // A run of 2^30 values in a page of a few bytes is well formed, and read in batches it does no harm.
        var file = new HandMadeFile
        {
            Rows = 1 << 30,
            Values = 1 << 30,
            Pages = [Dictionary, new([1, 0x80, 0x80, 0x80, 0x80, 0x08, 0], 1 << 30) { Encoding = ParquetEncoding.RleDictionary }],
        };
        using var reader = ParquetReader.Open(new MemoryStream(file.ToArray()));

        var error = Assert.Throws<ParquetFormatException>(() => reader.ReadColumn<int>("id"));

        Assert.Contains("1073741824 rows", error.Message, StringComparison.Ordinal);
        using var column = reader.Column<int>("id");
        Assert.Equal(1000, column.Read(new int[1000]));
    }

    [Fact]
    public void Lists_above_the_limit_are_refused()
    {
        var row = Enumerable.Range(0, 1000).Select(value => (object?)value).ToArray();
        var bytes = new RoundTrip.TestTable([new(ParquetColumn.Int32List("l"), [row])], new()).Write();
        using var reader = ParquetReader.Open(new MemoryStream(bytes), options: new() { MaxBatchElements = 999 });

        var error = Assert.Throws<ParquetFormatException>(() => reader.ReadLists<int>("l"));

        Assert.Contains("more than 999 elements", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Footer_above_the_limit_is_refused()
    {
        var bytes = new HandMadeFile { Pages = [new(One, 1)] }.ToArray();

        var error = Assert.Throws<ParquetFormatException>(() => WholeFile.Read(bytes, null, new() { MaxFooterBytes = 10 }));

        Assert.Contains("where 10 is the most", error.Message, StringComparison.Ordinal);
    }

    private static HandMadeFile Optional(HandMadePage page) =>
        new() { Schema = [new("id", Repetition.Optional, PhysicalType.Int32)], Pages = [page] };

    private static HandMadeFile List(byte[] page, int values = 1) =>
        new() { Schema = [new("id", Repetition.Repeated, PhysicalType.Int32)], Values = values, Pages = [new(page, values)] };

    private static HandMadeFile Deep() =>
        new() { Schema = [.. Enumerable.Repeat(new Node("g", Repetition.Required, Children: 1), 5000), Leaf("id")] };

    private static Node Leaf(string name) => new(name, Repetition.Required, PhysicalType.Int32);

    private static HandMadeFile LongNames() => new()
    {
        Schema =
        [
            new(new string('x', 1000), Repetition.Required, Children: 1),
            new(new string('x', 20_000), Repetition.Required, Children: 30),
            .. Enumerable.Range(0, 30).Select(i => Leaf($"{i}")),
        ],
    };

    private static void NestDeeply(CompactWriter thrift)
    {
        for (var i = 0; i < 1000; i++)
        {
            thrift.BeginStructField(100);
        }
    }
}
