namespace Tracekit.Schedule;

/// <summary>Items in order, added and taken at both ends: a ring that grows by doubling and then allocates nothing.</summary>
internal sealed class TaskDeque<T>
{
    private T[] _ring = new T[16];
    private int _head;

    /// <summary>How many items there are.</summary>
    public int Count { get; private set; }

    /// <summary>The first item; there must be one.</summary>
    public T First => Count > 0 ? _ring[_head] : throw new InvalidOperationException("the deque is empty");

    /// <summary>Adds at the end.</summary>
    public void AddLast(T item)
    {
        GrowIfFull();
        _ring[(_head + Count) & (_ring.Length - 1)] = item;
        Count++;
    }

    /// <summary>Adds at the front.</summary>
    public void AddFirst(T item)
    {
        GrowIfFull();
        _head = (_head - 1) & (_ring.Length - 1);
        _ring[_head] = item;
        Count++;
    }

    /// <summary>Takes the first item; there must be one.</summary>
    public T RemoveFirst()
    {
        var item = First;
        _ring[_head] = default!;
        _head = (_head + 1) & (_ring.Length - 1);
        Count--;
        return item;
    }

    /// <summary>Takes the last item; there must be one.</summary>
    public T RemoveLast()
    {
        var last = Count > 0 ? (_head + Count - 1) & (_ring.Length - 1) : throw new InvalidOperationException("the deque is empty");
        var item = _ring[last];
        _ring[last] = default!;
        Count--;
        return item;
    }

    private void GrowIfFull()
    {
        if (Count < _ring.Length)
        {
            return;
        }

        var larger = new T[_ring.Length * 2];
        _ring.AsSpan(_head).CopyTo(larger);
        _ring.AsSpan(0, _head).CopyTo(larger.AsSpan(_ring.Length - _head));
        (_ring, _head) = (larger, 0);
    }
}
