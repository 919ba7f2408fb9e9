using System.Runtime.InteropServices;
using System.Text;
using Tracekit.Parquet.Encodings;

namespace Tracekit.Parquet.Thrift;

/// <summary>
/// Reads structs in Thrift's compact protocol from bytes that may be damaged or hostile: nothing is believed
/// that the bytes do not bear out.
/// Source: <see href="https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md">Thrift compact protocol</see>.
/// </summary>
[StructLayout(LayoutKind.Auto)]
internal ref struct CompactReader(ReadOnlySpan<byte> data)
{
    /// <summary>How deep fields that nobody knows may nest. The deepest that Parquet defines is about six.</summary>
    public const int MaxSkipDepth = 32;

    private readonly ReadOnlySpan<byte> _data = data;
    private int _position;

    public readonly int Position => _position;

    /// <summary>Reads a field's header, if the struct has one more.</summary>
    /// <param name="id">The field before, at first 0; becomes this field.</param>
    /// <param name="type">What the field holds.</param>
    public bool NextField(ref short id, out CompactType type)
    {
        var header = Byte();
        type = (CompactType)(header & 0x0F);
        if (type == CompactType.Stop)
        {
            return false;
        }

        var delta = header >> 4;
        id = delta == 0 ? (short)Varint.UnZigZag(Unsigned()) : (short)(id + delta);
        return true;
    }

    /// <summary>An integer that must fit into 32 bits.</summary>
    public int I32(CompactType type)
    {
        Expect(type, CompactType.I32);
        return I32();
    }

    public int I32()
    {
        var start = _position;
        var value = Varint.UnZigZag(Unsigned());
        return value is >= int.MinValue and <= int.MaxValue
            ? (int)value
            : throw new CorruptDataException(start, $"a 32-bit number has the value {value}");
    }

    public long I64(CompactType type)
    {
        Expect(type, CompactType.I64);
        return Varint.UnZigZag(Unsigned());
    }

    public readonly bool Bool(CompactType type) => type switch
    {
        CompactType.True => true,
        CompactType.False => false,
        _ => throw Unexpected(type, CompactType.True),
    };

    public byte Byte(CompactType type)
    {
        Expect(type, CompactType.Byte);
        return Byte();
    }

    public ReadOnlySpan<byte> Binary(CompactType type)
    {
        Expect(type, CompactType.Binary);
        return Binary();
    }

    public ReadOnlySpan<byte> Binary()
    {
        var start = _position;
        var length = Unsigned();
        if (length > (ulong)(_data.Length - _position))
        {
            throw CorruptDataException.EndsEarly(start, $"text of {length} bytes");
        }

        var bytes = _data.Slice(_position, (int)length);
        _position += (int)length;
        return bytes;
    }

    public string Text(CompactType type) => Encoding.UTF8.GetString(Binary(type));

    public string Text() => Encoding.UTF8.GetString(Binary());

    public readonly void Struct(CompactType type) => Expect(type, CompactType.Struct);

    /// <summary>Reads a list's header; there are at least as many bytes left as elements.</summary>
    public int List(CompactType type, CompactType element)
    {
        Expect(type, CompactType.List);
        var start = _position;
        var count = ListHeader(out var found);
        return found == element || count == 0
            ? count
            : throw new CorruptDataException(start, $"a list of {element} holds {found}");
    }

    /// <summary>Passes over a field's value.</summary>
    public void Skip(CompactType type) => Skip(type, MaxSkipDepth, isElement: false);

    private void Skip(CompactType type, int depthLeft, bool isElement)
    {
        if (depthLeft == 0)
        {
            throw new CorruptDataException(_position, $"structs nest deeper than {MaxSkipDepth}");
        }

        switch (type)
        {
            case CompactType.True or CompactType.False:
                // A field's header says it all; as an element it takes a byte.
                Advance(isElement ? 1 : 0);
                break;
            case CompactType.Byte:
                Advance(1);
                break;
            case CompactType.I16 or CompactType.I32 or CompactType.I64:
                Unsigned();
                break;
            case CompactType.Double:
                Advance(sizeof(double));
                break;
            case CompactType.Uuid:
                Advance(16);
                break;
            case CompactType.Binary:
                Binary();
                break;
            case CompactType.List or CompactType.Set:
                SkipList(depthLeft);
                break;
            case CompactType.Map:
                SkipMap(depthLeft);
                break;
            case CompactType.Struct:
                SkipStruct(depthLeft);
                break;
            default:
                throw new CorruptDataException(_position, $"there is no field type {(int)type}");
        }
    }

    private void SkipList(int depthLeft)
    {
        var count = ListHeader(out var element);
        for (var i = 0; i < count; i++)
        {
            Skip(element, depthLeft - 1, isElement: true);
        }
    }

    private void SkipMap(int depthLeft)
    {
        var count = Count(Unsigned());
        if (count == 0)
        {
            return;
        }

        var types = Byte();
        for (var i = 0; i < count; i++)
        {
            Skip((CompactType)(types >> 4), depthLeft - 1, isElement: true);
            Skip((CompactType)(types & 0x0F), depthLeft - 1, isElement: true);
        }
    }

    private void SkipStruct(int depthLeft)
    {
        short id = 0;
        while (NextField(ref id, out var type))
        {
            Skip(type, depthLeft - 1, isElement: false);
        }
    }

    private int ListHeader(out CompactType element)
    {
        var header = Byte();
        element = (CompactType)(header & 0x0F);
        return Count(header >> 4 == 15 ? Unsigned() : (ulong)(header >> 4));
    }

    /// <summary>An element takes at least a byte, so a count can be checked before anything is made for it.</summary>
    private readonly int Count(ulong count) =>
        count <= (ulong)(_data.Length - _position)
            ? (int)count
            : throw CorruptDataException.EndsEarly(_position, $"a list of {count}");

    private ulong Unsigned() => Varint.Read(_data, ref _position);

    private byte Byte()
    {
        if (_position >= _data.Length)
        {
            throw CorruptDataException.EndsEarly(_position, "a struct");
        }

        return _data[_position++];
    }

    private void Advance(int bytes)
    {
        if (bytes > _data.Length - _position)
        {
            throw CorruptDataException.EndsEarly(_position, "a field");
        }

        _position += bytes;
    }

    private readonly void Expect(CompactType found, CompactType expected)
    {
        if (found != expected)
        {
            throw Unexpected(found, expected);
        }
    }

    private readonly CorruptDataException Unexpected(CompactType found, CompactType expected) =>
        new(_position, $"a field of type {expected} holds {found}");
}
