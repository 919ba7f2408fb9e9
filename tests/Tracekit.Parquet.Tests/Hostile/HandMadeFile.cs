using System.Buffers;
using System.Buffers.Binary;
using Tracekit.Parquet.Encodings;
using Tracekit.Parquet.Footer;
using Tracekit.Parquet.Thrift;

namespace Tracekit.Parquet.Tests.Hostile;

/// <summary>A node of a schema that our writer would not write.</summary>
internal sealed record Node(string Name, Repetition Repetition, PhysicalType? Type = null, int Children = 0, bool IsList = false);

/// <summary>A page as its header claims it to be, whatever its bytes are.</summary>
internal sealed record HandMadePage(byte[] Bytes, int Values)
{
    public PageType Type { get; init; } = PageType.Data;

    public ParquetEncoding Encoding { get; init; } = ParquetEncoding.Plain;

    public ParquetEncoding LevelEncoding { get; init; } = ParquetEncoding.Rle;

    public int? UncompressedBytes { get; init; }

    public int? CompressedBytes { get; init; }
}

/// <summary>A file of one column and one row group, put together byte by byte, so that it may lie about anything.</summary>
internal sealed record HandMadeFile
{
    public IReadOnlyList<Node> Schema { get; init; } = [new("id", Repetition.Required, PhysicalType.Int32)];

    public int RootChildren { get; init; } = 1;

    public IReadOnlyList<HandMadePage> Pages { get; init; } = [];

    public int Codec { get; init; }

    public long Rows { get; init; } = 1;

    public long Values { get; init; } = 1;

    public long? ChunkOffset { get; init; }

    public long? ChunkBytes { get; init; }

    public PhysicalType ChunkType { get; init; } = PhysicalType.Int32;

    public Action<CompactWriter>? ExtraFooterFields { get; init; }

    public byte[] ToArray()
    {
        var file = new ArrayBufferWriter<byte>();
        file.Write(FileMagic.Plain);
        foreach (var page in Pages)
        {
            WritePage(file, page);
        }

        var chunkBytes = file.WrittenCount - 4;
        var footer = new ArrayBufferWriter<byte>();
        WriteFooter(new CompactWriter(footer), chunkBytes);
        file.Write(footer.WrittenSpan);
        BinaryPrimitives.WriteInt32LittleEndian(file.GetSpan(4), footer.WrittenCount);
        file.Advance(4);
        file.Write(FileMagic.Plain);
        return file.WrittenSpan.ToArray();
    }

    private static void WritePage(ArrayBufferWriter<byte> file, HandMadePage page)
    {
        var thrift = new CompactWriter(file);
        thrift.BeginStruct();
        thrift.I32Field(1, (int)page.Type);
        thrift.I32Field(2, page.UncompressedBytes ?? page.Bytes.Length);
        thrift.I32Field(3, page.CompressedBytes ?? page.Bytes.Length);
        thrift.BeginStructField(page.Type == PageType.Dictionary ? (short)7 : (short)5);
        thrift.I32Field(1, page.Values);
        thrift.I32Field(2, (int)page.Encoding);
        if (page.Type == PageType.Data)
        {
            thrift.I32Field(3, (int)page.LevelEncoding);
            thrift.I32Field(4, (int)page.LevelEncoding);
        }

        thrift.EndStruct();
        thrift.EndStruct();
        file.Write(page.Bytes);
    }

    private void WriteFooter(CompactWriter thrift, int chunkBytes)
    {
        thrift.BeginStruct();
        thrift.I32Field(1, 1);
        WriteSchema(thrift);
        thrift.I64Field(3, Rows);
        thrift.ListField(4, CompactType.Struct, 1);
        thrift.BeginStruct();
        thrift.ListField(1, CompactType.Struct, 1);
        thrift.BeginStruct();
        thrift.I64Field(2, 4);
        thrift.BeginStructField(3);
        thrift.I32Field(1, (int)ChunkType);
        thrift.I32Field(4, Codec);
        thrift.I64Field(5, Values);
        thrift.I64Field(6, 0);
        thrift.I64Field(7, ChunkBytes ?? chunkBytes);
        thrift.I64Field(9, ChunkOffset ?? 4);
        thrift.EndStruct();
        thrift.EndStruct();
        thrift.I64Field(3, Rows);
        thrift.EndStruct();
        ExtraFooterFields?.Invoke(thrift);
        thrift.EndStruct();
    }

    private void WriteSchema(CompactWriter thrift)
    {
        thrift.ListField(2, CompactType.Struct, Schema.Count + 1);
        thrift.BeginStruct();
        thrift.TextField(4, "root");
        thrift.I32Field(5, RootChildren);
        thrift.EndStruct();
        foreach (var node in Schema)
        {
            thrift.BeginStruct();
            if (node.Type is { } type)
            {
                thrift.I32Field(1, (int)type);
            }

            thrift.I32Field(3, (int)node.Repetition);
            thrift.TextField(4, node.Name);
            if (node.Type is null)
            {
                thrift.I32Field(5, node.Children);
            }

            if (node.IsList)
            {
                thrift.I32Field(6, (int)ConvertedType.List);
            }

            thrift.EndStruct();
        }
    }
}
