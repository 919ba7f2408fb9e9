using System.Buffers;
using System.Text;

namespace Tracekit.Parquet.Thrift;

/// <summary>
/// Writes structs in Thrift's compact protocol; the caller knows the fields and gives them in rising order.
/// Source: <see href="https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md">Thrift compact protocol</see>.
/// </summary>
internal sealed class CompactWriter(IBufferWriter<byte> output)
{
    private readonly Stack<short> _outerFields = new();
    private short _lastField;

    public void BeginStruct()
    {
        _outerFields.Push(_lastField);
        _lastField = 0;
    }

    public void EndStruct()
    {
        Byte((byte)CompactType.Stop);
        _lastField = _outerFields.Pop();
    }

    public void BeginStructField(short id)
    {
        FieldHeader(id, CompactType.Struct);
        BeginStruct();
    }

    /// <summary>A field whose struct has no fields, as the members of unions often are.</summary>
    public void EmptyStructField(short id)
    {
        BeginStructField(id);
        EndStruct();
    }

    public void BoolField(short id, bool value) => FieldHeader(id, value ? CompactType.True : CompactType.False);

    public void ByteField(short id, sbyte value)
    {
        FieldHeader(id, CompactType.Byte);
        Byte((byte)value);
    }

    public void I16Field(short id, short value)
    {
        FieldHeader(id, CompactType.I16);
        Varint(ZigZag(value));
    }

    public void I32Field(short id, int value)
    {
        FieldHeader(id, CompactType.I32);
        I32(value);
    }

    public void I64Field(short id, long value)
    {
        FieldHeader(id, CompactType.I64);
        Varint(ZigZag(value));
    }

    public void BinaryField(short id, ReadOnlySpan<byte> value)
    {
        FieldHeader(id, CompactType.Binary);
        Binary(value);
    }

    public void TextField(short id, string value) => BinaryField(id, Encoding.UTF8.GetBytes(value));

    public void ListField(short id, CompactType element, int count)
    {
        FieldHeader(id, CompactType.List);
        if (count < 15)
        {
            Byte((byte)((count << 4) | (byte)element));
        }
        else
        {
            Byte((byte)(0xF0 | (byte)element));
            Varint((ulong)count);
        }
    }

    public void I32(int value) => Varint(ZigZag(value));

    public void Binary(ReadOnlySpan<byte> value)
    {
        Varint((ulong)value.Length);
        output.Write(value);
    }

    public void Text(string value) => Binary(Encoding.UTF8.GetBytes(value));

    private void FieldHeader(short id, CompactType type)
    {
        var delta = id - _lastField;
        if (delta is > 0 and <= 15)
        {
            Byte((byte)((delta << 4) | (byte)type));
        }
        else
        {
            Byte((byte)type);
            Varint(ZigZag(id));
        }

        _lastField = id;
    }

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    private void Varint(ulong value)
    {
        var span = output.GetSpan(10);
        var written = Encodings.Varint.Write(span, value);
        output.Advance(written);
    }

    private void Byte(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }
}
