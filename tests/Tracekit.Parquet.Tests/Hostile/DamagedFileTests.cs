using System.Globalization;
using Tracekit.Parquet.Tests.RoundTrip;
using Tracekit.Tests;

namespace Tracekit.Parquet.Tests.Hostile;

/// <summary>
/// Files cut off and with bytes changed are read or refused, and nothing else: no other exception, no hang, and no more memory than
/// the file's size accounts for.
/// </summary>
public sealed class DamagedFileTests
{
    private const int CutsPerFile = 400;
    private const int FlipsPerFile = 1500;

    /// <summary>What any file may allocate: the reader's buffers for each column.</summary>
    private const long FixedBytes = 2 << 20;

    /// <summary>What a byte of the file may allocate more: pages decompress, and a node of the footer becomes an object.</summary>
    private const long BytesPerByte = 200;

    /// <summary>Where the damage falls; set it in the environment to look elsewhere. A failure prints it.</summary>
    private static readonly int Seed =
        int.TryParse(Environment.GetEnvironmentVariable("TRACEKIT_TEST_SEED"), CultureInfo.InvariantCulture, out var seed)
            ? seed
            : 20260101;

    private static readonly ParquetReaderOptions Options = new() { MaxBatchElements = 1 << 16 };

    private static readonly Dictionary<string, Func<byte[]>> Files = new()
    {
        ["workflow tasks"] = () => Shared("workflow_example", "tasks"),
        ["string ids"] = () => Shared("trace-v2.1", "tasks"),
        ["string ids, fragments"] = () => Shared("trace-v2.1", "fragments"),
        ["one fragment"] = () => Shared("single_task", "fragments"),
        ["ours, Snappy"] = () => Ours(new()),
        ["ours, GZIP"] = () => Ours(new() { Compression = Compression.Gzip, PageBytes = 64 }),
        ["ours, plain"] = () => Ours(new() { Compression = Compression.Uncompressed, DictionaryBytes = 0, RowGroupRows = 20 }),
        ["ours, version 2"] = () => Ours(new() { Compression = Compression.Uncompressed, DataPageV2 = true, PageBytes = 64 }),
        ["ours, version 2, Snappy"] = () => Ours(new() { DataPageV2 = true }),
        ["delta"] = Delta,
    };

    public static TheoryData<string> Names { get; } = [.. Files.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Truncated_file_is_refused_with_the_offset(string name)
    {
        var whole = Files[name]();
        var random = new Random(Seed);

        for (var i = 0; i < CutsPerFile; i++)
        {
            var length = i < 50 ? Math.Max(0, whole.Length - 1 - i) : random.Next(whole.Length);
            var error = TryRead(whole[..length], $"seed {Seed}, cut {i} at {length}");

            Assert.NotNull(error);
            Assert.InRange(error.Offset!.Value, 0, length);
            Assert.StartsWith("damaged.parquet: byte ", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void File_with_bytes_changed_is_read_or_refused(string name)
    {
        var whole = Files[name]();
        var random = new Random(Seed);

        for (var i = 0; i < FlipsPerFile; i++)
        {
            var bytes = (byte[])whole.Clone();
            var changes = 1 << random.Next(4);
            for (var j = 0; j < changes; j++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            TryRead(bytes, $"seed {Seed}, change {i}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void File_with_a_bit_of_its_footer_changed_is_read_or_refused(string name)
    {
        var whole = Files[name]();
        var footer = BitConverter.ToInt32(whole, whole.Length - 8) + 8;
        var random = new Random(Seed);

        for (var i = 0; i < FlipsPerFile; i++)
        {
            var bytes = (byte[])whole.Clone();
            bytes[whole.Length - 1 - random.Next(footer)] ^= (byte)(1 << random.Next(8));

            TryRead(bytes, $"seed {Seed}, bit {i}");
        }
    }

    [Fact]
    public void Whole_files_are_read() => Assert.All(Files.Values, file => Assert.Null(TryRead(file(), "whole")));

    private static ParquetFormatException? TryRead(byte[] bytes, string what)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            WholeFile.Read(bytes, "damaged.parquet", Options);
            return null;
        }
        catch (ParquetFormatException e)
        {
            return e;
        }
        catch (Exception e)
        {
            Assert.Fail($"{what}: {e}");
            throw;
        }
        finally
        {
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated <= FixedBytes + (bytes.Length * BytesPerByte), $"{what}: {allocated} bytes allocated for a file of {bytes.Length}");
        }
    }

    private static byte[] Shared(string trace, string table) =>
        File.ReadAllBytes(Path.Combine(Repository.Shared, "opendc-traces", trace, $"{table}.parquet"));

    private static byte[] Ours(ParquetWriterOptions options) => new TestTable(
        [
            Column(ParquetColumn.Int32("id"), row => row),
            Column(ParquetColumn.Int32("again", optional: true), row => row % 4 == 0 ? null : row / 10),
            Column(ParquetColumn.Int64("time"), row => 1_700_000_000_000L + row),
            Column(ParquetColumn.Double("usage"), row => row % 3 / 2.0),
            Column(ParquetColumn.Utf8("name", optional: true), row => row % 5 == 0 ? null : $"task {row % 9}"),
            Column(ParquetColumn.Boolean("flag", optional: true), row => row % 3 == 0 ? null : row % 2 == 0),
            Column(ParquetColumn.Int32List("list", optional: true), row => row % 4 == 0 ? null : new object?[] { row, null, 3 }[..(row % 4)]),
        ],
        options).Write();

    private static TestColumn Column(ParquetColumn column, Func<int, object?> value) => new(column, [.. Enumerable.Range(0, 60).Select(value)]);

    /// <summary>Thirty differences in five bits, in a page that our writer does not write.</summary>
    private static byte[] Delta() => new HandMadeFile
    {
        Rows = 31,
        Values = 31,
        Pages =
        [
            new([0x80, 0x01, 0x04, 31, 0x02, 0x02, 5, 0, 0, 0, .. Enumerable.Range(0, 20).Select(value => (byte)(value * 37))], 31)
            {
                Encoding = Parquet.Encodings.ParquetEncoding.DeltaBinaryPacked,
            },
        ],
    }.ToArray();
}
