using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tracekit.Parquet.Encodings;

/// <summary>
/// PLAIN numbers: as they lie in a little-endian machine's memory.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/Encodings.md#PLAIN">parquet-format, PLAIN</see>.
/// </summary>
internal sealed class PlainDecoder<T> : IValueDecoder<T>
    where T : unmanaged
{
    private byte[] _buffer = [];
    private int _position;
    private int _end;

    public void Reset(byte[] buffer, int start, int end) => (_buffer, _position, _end) = (buffer, start, end);

    public void Read(Span<T> into)
    {
        var bytes = (long)into.Length * Unsafe.SizeOf<T>();
        if (bytes > _end - _position)
        {
            throw CorruptDataException.EndsEarly(_position, $"{into.Length} plain values");
        }

        _buffer.AsSpan(_position, (int)bytes).CopyTo(MemoryMarshal.AsBytes(into));
        _position += (int)bytes;
    }
}

/// <summary>PLAIN booleans: a bit each.</summary>
internal sealed class PlainBooleanDecoder : IValueDecoder<bool>
{
    private byte[] _buffer = [];
    private long _bit;
    private long _endBit;

    public void Reset(byte[] buffer, int start, int end) => (_buffer, _bit, _endBit) = (buffer, start * 8L, end * 8L);

    public void Read(Span<bool> into)
    {
        if (into.Length > _endBit - _bit)
        {
            throw CorruptDataException.EndsEarly((int)(_bit >> 3), $"{into.Length} plain booleans");
        }

        for (var i = 0; i < into.Length; i++, _bit++)
        {
            into[i] = ((_buffer[_bit >> 3] >> (int)(_bit & 7)) & 1) != 0;
        }
    }
}

/// <summary>RLE booleans: a length in four bytes, then runs of one bit.</summary>
internal sealed class RleBooleanDecoder : IValueDecoder<bool>
{
    private readonly RleHybridDecoder _runs = new();

    public void Reset(byte[] buffer, int start, int end)
    {
        if (end - start < sizeof(int))
        {
            throw CorruptDataException.EndsEarly(start, "the length of RLE booleans");
        }

        var length = BinaryPrimitives.ReadUInt32LittleEndian(buffer.AsSpan(start));
        if (length > end - start - sizeof(int))
        {
            throw CorruptDataException.EndsEarly(start, $"{length} bytes of RLE booleans");
        }

        _runs.Reset(buffer, start + sizeof(int), start + sizeof(int) + (int)length, bitWidth: 1);
    }

    public void Read(Span<bool> into)
    {
        _runs.ReadLevels(MemoryMarshal.AsBytes(into));

        // A run's value is a byte of the file: only its low bit is meant.
        foreach (ref var level in MemoryMarshal.AsBytes(into))
        {
            level &= 1;
        }
    }
}

/// <summary>PLAIN byte arrays: each a length in four bytes, then its bytes. The values are views of the buffer.</summary>
internal sealed class PlainBytesDecoder : IValueDecoder<ReadOnlyMemory<byte>>
{
    private byte[] _buffer = [];
    private int _position;
    private int _end;

    public void Reset(byte[] buffer, int start, int end) => (_buffer, _position, _end) = (buffer, start, end);

    public void Read(Span<ReadOnlyMemory<byte>> into)
    {
        for (var i = 0; i < into.Length; i++)
        {
            if (_end - _position < sizeof(int))
            {
                throw CorruptDataException.EndsEarly(_position, "the length of a byte array");
            }

            var length = BinaryPrimitives.ReadUInt32LittleEndian(_buffer.AsSpan(_position));
            if (length > _end - _position - sizeof(int))
            {
                throw CorruptDataException.EndsEarly(_position, $"a byte array of {length} bytes");
            }

            into[i] = new ReadOnlyMemory<byte>(_buffer, _position + sizeof(int), (int)length);
            _position += sizeof(int) + (int)length;
        }
    }
}

/// <summary>PLAIN byte arrays of one length, end to end. The values are views of the buffer.</summary>
internal sealed class PlainFixedBytesDecoder(int length) : IValueDecoder<ReadOnlyMemory<byte>>
{
    private byte[] _buffer = [];
    private int _position;
    private int _end;

    public void Reset(byte[] buffer, int start, int end) => (_buffer, _position, _end) = (buffer, start, end);

    public void Read(Span<ReadOnlyMemory<byte>> into)
    {
        if ((long)into.Length * length > _end - _position)
        {
            throw CorruptDataException.EndsEarly(_position, $"{into.Length} byte arrays of {length} bytes");
        }

        for (var i = 0; i < into.Length; i++, _position += length)
        {
            into[i] = new ReadOnlyMemory<byte>(_buffer, _position, length);
        }
    }
}
