using System.Numerics;

namespace Tracekit.Parquet.Writing;

/// <summary>Values of a column, of which it can be told which are equal.</summary>
internal interface IHashedValues
{
    /// <summary>A number that equal values share; its upper bits are well mixed.</summary>
    ulong Hash(int index);

    bool AreEqual(int index, int other);
}

/// <summary>Finds distinct values and gives each a place, first come first: an open hash table that is used again.</summary>
internal sealed class ValueDictionary
{
    private readonly GrowingArray<int> _indices = new();
    private readonly GrowingArray<int> _firsts = new();
    private int[] _slots = new int[1024];

    /// <summary>For each value, its place among the distinct ones.</summary>
    public ReadOnlySpan<int> Indices => _indices.Items;

    /// <summary>For each distinct value, where among all values it came first.</summary>
    public ReadOnlySpan<int> Firsts => _firsts.Items;

    /// <summary>Bits that the highest place takes, and at least one: not every reader likes none.</summary>
    public int BitWidth => Math.Max(1, 32 - BitOperations.LeadingZeroCount((uint)Math.Max(0, _firsts.Count - 1)));

    /// <summary>Gives every value a place; false as soon as there are more than <paramref name="maxEntries"/> distinct ones.</summary>
    /// <typeparam name="TValues">A struct, so that the loop is compiled for it and calls nothing virtual.</typeparam>
    public bool TryBuild<TValues>(TValues values, int count, int maxEntries)
        where TValues : struct, IHashedValues
    {
        Array.Clear(_slots);
        _indices.Clear();
        _firsts.Clear();
        var last = -1;
        for (var i = 0; i < count; i++)
        {
            // Traces hold the same value many times in a row.
            if (i == 0 || !values.AreEqual(i, i - 1))
            {
                last = FindOrAdd(values, i);
                if (_firsts.Count > maxEntries)
                {
                    return false;
                }
            }

            _indices.Add(last);
        }

        return true;
    }

    private int FindOrAdd<TValues>(TValues values, int index)
        where TValues : struct, IHashedValues
    {
        var shift = 64 - BitOperations.Log2((uint)_slots.Length);
        var slot = (int)(values.Hash(index) >> shift);
        while (_slots[slot] is var place && place != 0)
        {
            if (values.AreEqual(_firsts.Items[place - 1], index))
            {
                return place - 1;
            }

            slot = (slot + 1) & (_slots.Length - 1);
        }

        _firsts.Add(index);
        _slots[slot] = _firsts.Count;
        if (_firsts.Count * 2 > _slots.Length)
        {
            Rehash(values);
        }

        return _firsts.Count - 1;
    }

    private void Rehash<TValues>(TValues values)
        where TValues : struct, IHashedValues
    {
        _slots = new int[_slots.Length * 2];
        var shift = 64 - BitOperations.Log2((uint)_slots.Length);
        for (var place = 0; place < _firsts.Count; place++)
        {
            var slot = (int)(values.Hash(_firsts.Items[place]) >> shift);
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & (_slots.Length - 1);
            }

            _slots[slot] = place + 1;
        }
    }
}
