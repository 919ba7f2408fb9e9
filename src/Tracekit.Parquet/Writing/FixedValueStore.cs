using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Tracekit.Parquet.Writing;

/// <summary>Values of one size: numbers and booleans.</summary>
internal sealed class FixedValueStore<T> : IValueStore
    where T : unmanaged
{
    private readonly ValueDictionary _dictionary = new();

    public GrowingArray<T> Values { get; } = new();

    public int Count => Values.Count;

    public long PlainBytes => typeof(T) == typeof(bool) ? (Count + 7L) / 8 : (long)Count * Unsafe.SizeOf<T>();

    public int CountThatFit(int start, int pageBytes) =>
        (int)Math.Min(Count - start, typeof(T) == typeof(bool) ? pageBytes * 8L : Math.Max(1, pageBytes / Unsafe.SizeOf<T>()));

    public void WritePlain(int start, int count, IBufferWriter<byte> into)
    {
        var values = Values.Items.Slice(start, count);
        if (typeof(T) == typeof(bool))
        {
            WriteBits(MemoryMarshal.Cast<T, bool>(values), into);
        }
        else
        {
            into.Write(MemoryMarshal.AsBytes(values));
        }
    }

    public ValueDictionary? TryBuildDictionary(int maxBytes)
    {
        var size = Unsafe.SizeOf<T>();
        if (typeof(T) == typeof(bool)
            || maxBytes < size
            || !_dictionary.TryBuild(new HashedBits(Values), Count, maxBytes / size))
        {
            return null;
        }

        var bytes = ((long)_dictionary.Firsts.Length * size) + ((long)Count * _dictionary.BitWidth / 8);
        return bytes < PlainBytes ? _dictionary : null;
    }

    public void WriteDictionary(IBufferWriter<byte> into)
    {
        var values = Values.Items;
        foreach (var first in _dictionary.Firsts)
        {
            into.Write(MemoryMarshal.AsBytes(values.Slice(first, 1)));
        }
    }

    public ColumnStatistics Range() => ValueRange.Of(Values.Items);

    public void Clear() => Values.Clear();

    private static void WriteBits(ReadOnlySpan<bool> values, IBufferWriter<byte> into)
    {
        var bytes = (values.Length + 7) / 8;
        var span = into.GetSpan(bytes)[..bytes];
        span.Clear();
        for (var i = 0; i < values.Length; i++)
        {
            span[i >> 3] |= (byte)((values[i] ? 1 : 0) << (i & 7));
        }

        into.Advance(bytes);
    }

    /// <summary>Compares bits, not numbers: NaNs and the two zeros must come back as they were.</summary>
    private readonly struct HashedBits(GrowingArray<T> values) : IHashedValues
    {
        public ulong Hash(int index) => Bits(index) * 0x9E3779B97F4A7C15;

        public bool AreEqual(int index, int other) => Bits(index) == Bits(other);

        private ulong Bits(int index)
        {
            var value = values.Items[index];
            return Unsafe.SizeOf<T>() switch
            {
                sizeof(ulong) => Unsafe.BitCast<T, ulong>(value),
                sizeof(uint) => Unsafe.BitCast<T, uint>(value),
                _ => Unsafe.BitCast<T, byte>(value),
            };
        }
    }
}
