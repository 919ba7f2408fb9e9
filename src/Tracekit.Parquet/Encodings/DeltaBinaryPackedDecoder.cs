using System.Numerics;

namespace Tracekit.Parquet.Encodings;

/// <summary>
/// Integers as differences, bit-packed in blocks of miniblocks. All sums wrap around, as the format has it.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/Encodings.md#DELTAENC">parquet-format, delta encoding</see>.
/// </summary>
internal sealed class DeltaBinaryPackedDecoder<T> : IValueDecoder<T>
    where T : unmanaged, IBinaryInteger<T>
{
    /// <summary>Writers use blocks of 128 values; the format sets no bound.</summary>
    private const int MaxBlockValues = 1 << 20;

    private readonly ulong[] _deltas = new ulong[32];
    private byte[] _buffer = [];
    private int _position;
    private int _end;
    private int _miniblocks;
    private int _miniblockValues;
    private long _valuesLeft;
    private long _value;
    private long _minDelta;
    private bool _isFirst;
    private int _widthsAt;
    private int _miniblock;
    private int _miniblockLeft;
    private int _deltasAt;
    private int _deltaCount;

    public void Reset(byte[] buffer, int start, int end)
    {
        (_buffer, _position, _end) = (buffer, start, end);
        var blockValues = Number();
        var miniblocks = Number();
        var values = Number();
        _value = Varint.UnZigZag(Number());

        // Miniblocks must hold a multiple of 32 values, so that each starts at a whole byte.
        if (blockValues is 0 or > MaxBlockValues
            || miniblocks is 0
            || miniblocks > blockValues
            || blockValues % miniblocks != 0
            || (blockValues / miniblocks) % 32 != 0)
        {
            throw new CorruptDataException(start, $"a delta block of {blockValues} values in {miniblocks} miniblocks");
        }

        if (values > int.MaxValue)
        {
            throw new CorruptDataException(start, $"{values} delta values in a page");
        }

        _miniblocks = (int)miniblocks;
        _miniblockValues = (int)(blockValues / miniblocks);
        _valuesLeft = (long)values;
        _isFirst = true;
        _miniblock = _miniblocks;
        _miniblockLeft = 0;
        _deltasAt = 0;
        _deltaCount = 0;
    }

    public void Read(Span<T> into)
    {
        if (into.Length > _valuesLeft)
        {
            throw CorruptDataException.EndsEarly(_position, $"delta values: {_valuesLeft} left where {into.Length} are due");
        }

        _valuesLeft -= into.Length;
        for (var i = 0; i < into.Length; i++)
        {
            if (_isFirst)
            {
                _isFirst = false;
            }
            else
            {
                if (_deltasAt == _deltaCount)
                {
                    UnpackMore();
                }

                _value = unchecked(_value + _minDelta + (long)_deltas[_deltasAt++]);
            }

            into[i] = T.CreateTruncating(_value);
        }
    }

    private void UnpackMore()
    {
        if (_miniblockLeft == 0)
        {
            NextMiniblock();
        }

        // 32 values of any width end at a whole byte.
        var width = _buffer[_widthsAt + _miniblock];
        var bytes = Math.Min(width * 4, _end - _position);
        if (bytes < width * 4 && bytes * 8 < width)
        {
            throw CorruptDataException.EndsEarly(_position, "packed differences");
        }

        // The last miniblock may lack its padding: there are as many values as there are bytes for.
        _deltaCount = width == 0 ? 32 : Math.Min(32, bytes * 8 / width);
        BitUnpacker.Unpack(_buffer.AsSpan(_position, bytes), 0, width, _deltas.AsSpan(0, _deltaCount));
        _deltasAt = 0;
        _position += bytes;
        _miniblockLeft -= 32;
    }

    private void NextMiniblock()
    {
        _miniblock++;
        if (_miniblock >= _miniblocks)
        {
            _minDelta = Varint.UnZigZag(Number());
            if (_miniblocks > _end - _position)
            {
                throw CorruptDataException.EndsEarly(_position, "the widths of a delta block");
            }

            _widthsAt = _position;
            _position += _miniblocks;
            _miniblock = 0;
        }

        if (_buffer[_widthsAt + _miniblock] > 64)
        {
            throw new CorruptDataException(_widthsAt, $"differences of {_buffer[_widthsAt + _miniblock]} bits");
        }

        _miniblockLeft = _miniblockValues;
    }

    private ulong Number() => Varint.Read(_buffer.AsSpan(0, _end), ref _position);
}
