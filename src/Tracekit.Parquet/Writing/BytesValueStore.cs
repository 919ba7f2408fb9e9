using System.Buffers;
using System.Buffers.Binary;

namespace Tracekit.Parquet.Writing;

/// <summary>Byte arrays of any length, end to end in one buffer.</summary>
internal sealed class BytesValueStore : IValueStore
{
    private readonly ValueDictionary _dictionary = new();
    private readonly GrowingArray<byte> _bytes = new();
    private readonly GrowingArray<int> _ends = new();

    public int Count => _ends.Count;

    public long PlainBytes => _bytes.Count + ((long)Count * sizeof(int));

    public void Add(ReadOnlySpan<byte> value)
    {
        _bytes.AddRange(value);
        _ends.Add(_bytes.Count);
    }

    public int CountThatFit(int start, int pageBytes)
    {
        var count = 0;
        long bytes = 0;
        while (start + count < Count)
        {
            bytes += sizeof(int) + this[start + count].Length;
            if (bytes > pageBytes)
            {
                break;
            }

            count++;
        }

        return Math.Max(1, count);
    }

    public void WritePlain(int start, int count, IBufferWriter<byte> into)
    {
        for (var i = start; i < start + count; i++)
        {
            WriteOne(this[i], into);
        }
    }

    public ValueDictionary? TryBuildDictionary(int maxBytes)
    {
        if (!_dictionary.TryBuild(new HashedBytes(this), Count, maxBytes / sizeof(int)))
        {
            return null;
        }

        long entries = 0;
        foreach (var first in _dictionary.Firsts)
        {
            entries += sizeof(int) + this[first].Length;
        }

        return entries <= maxBytes && entries + ((long)Count * _dictionary.BitWidth / 8) < PlainBytes ? _dictionary : null;
    }

    public void WriteDictionary(IBufferWriter<byte> into)
    {
        foreach (var first in _dictionary.Firsts)
        {
            WriteOne(this[first], into);
        }
    }

    public ColumnStatistics Range()
    {
        if (Count == 0)
        {
            return new();
        }

        var (least, greatest) = (0, 0);
        for (var i = 1; i < Count; i++)
        {
            least = this[i].SequenceCompareTo(this[least]) < 0 ? i : least;
            greatest = this[i].SequenceCompareTo(this[greatest]) > 0 ? i : greatest;
        }

        return ValueRange.OfBytes(this[least], this[greatest]);
    }

    public void Clear()
    {
        _bytes.Clear();
        _ends.Clear();
    }

    private ReadOnlySpan<byte> this[int index]
    {
        get
        {
            var ends = _ends.Items;
            var start = index == 0 ? 0 : ends[index - 1];
            return _bytes.Items[start..ends[index]];
        }
    }

    private static void WriteOne(ReadOnlySpan<byte> value, IBufferWriter<byte> into)
    {
        BinaryPrimitives.WriteInt32LittleEndian(into.GetSpan(sizeof(int)), value.Length);
        into.Advance(sizeof(int));
        into.Write(value);
    }

    private readonly struct HashedBytes(BytesValueStore store) : IHashedValues
    {
        public ulong Hash(int index)
        {
            var hash = default(HashCode);
            hash.AddBytes(store[index]);
            return (ulong)(uint)hash.ToHashCode() * 0x9E3779B97F4A7C15;
        }

        public bool AreEqual(int index, int other) => store[index].SequenceEqual(store[other]);
    }
}
