namespace Tracekit.Parquet.Writing;

/// <summary>An array that grows and is used again: a list whose items are at hand as a span, and which forgets without clearing.</summary>
internal sealed class GrowingArray<T>
    where T : unmanaged
{
    private T[] _items = new T[256];

    public int Count { get; private set; }

    public ReadOnlySpan<T> Items => _items.AsSpan(0, Count);

    public void Add(T item)
    {
        var items = _items;
        var count = Count;
        if ((uint)count >= (uint)items.Length)
        {
            items = Grow(count + 1);
        }

        items[count] = item;
        Count = count + 1;
    }

    public void AddRange(ReadOnlySpan<T> items) => items.CopyTo(Extend(items.Length));

    public void AddRepeated(T item, int times) => Extend(times).Fill(item);

    public void Clear() => Count = 0;

    private Span<T> Extend(int by)
    {
        var count = checked(Count + by);
        if (count > _items.Length)
        {
            Grow(count);
        }

        var added = _items.AsSpan(Count, by);
        Count = count;
        return added;
    }

    private T[] Grow(int needed)
    {
        Array.Resize(ref _items, (int)Math.Min(Array.MaxLength, Math.Max(needed, _items.Length * 2L)));
        return _items;
    }
}
