using System.Buffers;
using Tracekit.Parquet.Encodings;
using Tracekit.Parquet.Thrift;

namespace Tracekit.Parquet.Tests.Encodings;

public sealed class CompactProtocolTests
{
    public static TheoryData<long> Edges { get; } =
    [
        0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, -8193, int.MaxValue, int.MinValue, 1L << 31, 1L << 62, long.MaxValue, long.MinValue,
    ];

    [Theory]
    [MemberData(nameof(Edges))]
    public void Integers_at_the_edges_read_back(long value)
    {
        var bytes = Struct(thrift => thrift.I64Field(1, value));

        Assert.Equal(value, ReadOne(bytes));
    }

    [Theory]
    [InlineData(new byte[] { 0x00 }, 0UL)]
    [InlineData(new byte[] { 0x7F }, 127UL)]
    [InlineData(new byte[] { 0x80, 0x01 }, 128UL)]
    [InlineData(new byte[] { 0xAC, 0x02 }, 300UL)]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 }, ulong.MaxValue)]
    public void Varints_read_as_written_down(byte[] bytes, ulong expected)
    {
        var position = 0;

        Assert.Equal(expected, Varint.Read(bytes, ref position));
        Assert.Equal(bytes.Length, position);
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02 })]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00 })]
    public void Varints_that_end_early_or_overflow_are_corrupt(byte[] bytes)
    {
        var position = 0;

        Assert.Throws<CorruptDataException>(() => Varint.Read(bytes, ref position));
    }

    [Fact]
    public void Fields_far_apart_keep_their_numbers()
    {
        var bytes = Struct(thrift =>
        {
            thrift.I32Field(1, 10);
            thrift.I32Field(17, 20);
            thrift.I32Field(300, 30);
        });

        Assert.Equal([(1, 10), (17, 20), (300, 30)], ReadAll(bytes));
    }

    [Fact]
    public void Unknown_fields_of_every_type_are_passed_over()
    {
        byte[] unknown =
        [
            0x11, 0x12, 0x13, 5, 0x14, 6, 0x15, 7, 0x16, 8, 0x17, 1, 2, 3, 4, 5, 6, 7, 8, 0x18, 2, 65, 66,
            0x19, 0x21, 1, 2, 0x1A, 0x15, 9, 0x1B, 0, 0x1B, 1, 0x58, 3, 1, 65, 0x1C, 0x15, 1, 0,
            0x1D, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
        ];
        byte[] bytes = [.. unknown, 0x15, 42, 0];

        Assert.Equal(21, ReadLast(bytes));
    }

    [Fact]
    public void Nesting_too_deep_is_corrupt_and_no_stack_overflow()
    {
        var bytes = Enumerable.Repeat((byte)0x1C, 1_000_000).ToArray();

        var error = Assert.Throws<CorruptDataException>(() => Skip(bytes));

        Assert.Contains("nest deeper", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void List_longer_than_its_bytes_is_corrupt()
    {
        byte[] bytes = [0x19, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F];

        Assert.Throws<CorruptDataException>(() => Skip(bytes));
    }

    private static byte[] Struct(Action<CompactWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var thrift = new CompactWriter(buffer);
        thrift.BeginStruct();
        fields(thrift);
        thrift.EndStruct();
        return buffer.WrittenSpan.ToArray();
    }

    private static long ReadOne(byte[] bytes)
    {
        var reader = new CompactReader(bytes);
        short id = 0;
        Assert.True(reader.NextField(ref id, out var type));
        return reader.I64(type);
    }

    private static List<(int Id, int Value)> ReadAll(byte[] bytes)
    {
        var reader = new CompactReader(bytes);
        var fields = new List<(int Id, int Value)>();
        short id = 0;
        while (reader.NextField(ref id, out var type))
        {
            fields.Add((id, reader.I32(type)));
        }

        return fields;
    }

    /// <summary>Passes over all fields but the last, which ends the bytes.</summary>
    private static int ReadLast(byte[] bytes)
    {
        var reader = new CompactReader(bytes);
        short id = 0;
        while (reader.NextField(ref id, out var type))
        {
            if (reader.Position == bytes.Length - 2)
            {
                return reader.I32(type);
            }

            reader.Skip(type);
        }

        throw new InvalidOperationException("no last field");
    }

    private static void Skip(byte[] bytes)
    {
        var reader = new CompactReader(bytes);
        reader.Skip(CompactType.Struct);
    }
}
