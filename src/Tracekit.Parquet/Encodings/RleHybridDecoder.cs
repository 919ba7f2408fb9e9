namespace Tracekit.Parquet.Encodings;

/// <summary>
/// Reads small numbers that stand as runs of one value and bit-packed groups of eight.
/// Source: <see href="https://github.com/apache/parquet-format/blob/master/Encodings.md#RLE">parquet-format, RLE / bit-packing hybrid</see>.
/// </summary>
internal sealed class RleHybridDecoder
{
    private byte[] _buffer = [];
    private int _position;
    private int _end;
    private int _bitWidth;
    private bool _isPacked;
    private long _runLeft;
    private int _runValue;
    private int _packedStart;
    private long _packedBit;

    /// <summary>Starts at bytes <paramref name="start"/> to <paramref name="end"/> of a buffer, with numbers of 0 to 32 bits.</summary>
    public void Reset(byte[] buffer, int start, int end, int bitWidth)
    {
        if (bitWidth is < 0 or > 32)
        {
            throw new CorruptDataException(start, $"numbers of {bitWidth} bits, where 32 is the most");
        }

        (_buffer, _position, _end, _bitWidth) = (buffer, start, end, bitWidth);
        _runLeft = 0;
    }

    /// <summary>Takes from a run of one value, if that is what comes next.</summary>
    /// <param name="limit">How many to take at most; at least 1.</param>
    /// <param name="value">The value.</param>
    /// <returns>How many there are, or 0 if packed numbers come next.</returns>
    /// <exception cref="CorruptDataException">The data ends.</exception>
    public int TakeRun(int limit, out int value)
    {
        EnsureRun();
        value = _runValue;
        if (_isPacked)
        {
            return 0;
        }

        var count = (int)Math.Min(limit, _runLeft);
        _runLeft -= count;
        return count;
    }

    /// <summary>Takes packed numbers, when <see cref="TakeRun"/> found none.</summary>
    /// <returns>How many: as many as fit, or as come packed.</returns>
    public int TakePacked(Span<int> into)
    {
        var count = (int)Math.Min(into.Length, _runLeft);
        BitUnpacker.Unpack(_buffer.AsSpan(_packedStart, _position - _packedStart), _packedBit, _bitWidth, into[..count]);
        _packedBit += (long)count * _bitWidth;
        _runLeft -= count;
        return count;
    }

    /// <summary>Reads levels, each of at most eight bits.</summary>
    /// <exception cref="CorruptDataException">The data ends.</exception>
    public void ReadLevels(Span<byte> into)
    {
        Span<int> unpacked = stackalloc int[256];
        while (!into.IsEmpty)
        {
            var count = TakeRun(into.Length, out var value);
            if (count > 0)
            {
                into[..count].Fill((byte)value);
            }
            else
            {
                count = TakePacked(unpacked[..Math.Min(unpacked.Length, into.Length)]);
                for (var i = 0; i < count; i++)
                {
                    into[i] = (byte)unpacked[i];
                }
            }

            into = into[count..];
        }
    }

    /// <summary>Runs of length 0 are passed over; each takes bytes, so that it cannot go on for ever.</summary>
    private void EnsureRun()
    {
        while (_runLeft == 0)
        {
            if (_position >= _end)
            {
                throw CorruptDataException.EndsEarly(_position, "runs of levels or dictionary places");
            }

            var header = Varint.Read(_buffer.AsSpan(0, _end), ref _position);
            _isPacked = (header & 1) != 0;
            if (header >> 1 > int.MaxValue)
            {
                throw new CorruptDataException(_position, $"a run of {header >> 1} values");
            }

            if (_isPacked)
            {
                StartPacked((long)(header >> 1));
            }
            else
            {
                StartRun((long)(header >> 1));
            }
        }
    }

    private void StartPacked(long groups)
    {
        // Some writers leave out the padding of the last group: take what is there.
        var bytes = (int)Math.Min(groups * _bitWidth, _end - _position);
        _runLeft = _bitWidth == 0 ? groups * 8 : Math.Min(groups * 8, bytes * 8L / _bitWidth);
        _packedStart = _position;
        _packedBit = 0;
        _position += bytes;
    }

    private void StartRun(long length)
    {
        var bytes = (_bitWidth + 7) / 8;
        if (bytes > _end - _position)
        {
            throw CorruptDataException.EndsEarly(_position, "a run's value");
        }

        uint value = 0;
        for (var i = 0; i < bytes; i++)
        {
            value |= (uint)_buffer[_position + i] << (8 * i);
        }

        _runValue = (int)value;
        _runLeft = length;
        _position += bytes;
    }
}
