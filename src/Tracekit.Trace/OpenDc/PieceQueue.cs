namespace Tracekit.Trace.OpenDc;

/// <summary>A stretch of a task's life with the CPU time that is put there.</summary>
internal struct Piece
{
    /// <summary>Length in ms, at least 1.</summary>
    public long DtMs;

    /// <summary>CPU time in ns.</summary>
    public long CpuNs;

    /// <summary>True when no sample covers it, so that its CPU time is not known.</summary>
    public bool IsGap;
}

/// <summary>
/// The pieces of a task that are not written yet, oldest first: a ring that grows to what it needs and is used again for the next task.
/// </summary>
internal sealed class PieceQueue
{
    private Piece[] _ring = new Piece[32];
    private int _head;

    /// <summary>Pieces in it.</summary>
    public int Count { get; private set; }

    /// <summary>A piece; 0 is the oldest.</summary>
    public ref Piece this[int index] => ref _ring[(_head + index) & (_ring.Length - 1)];

    /// <summary>Adds the newest piece.</summary>
    public void Add(long dtMs, long cpuNs, bool isGap)
    {
        if (Count == _ring.Length)
        {
            Grow();
        }

        this[Count++] = new Piece { DtMs = dtMs, CpuNs = cpuNs, IsGap = isGap };
    }

    /// <summary>Takes the oldest piece out.</summary>
    public Piece Take()
    {
        var piece = this[0];
        _head = (_head + 1) & (_ring.Length - 1);
        Count--;
        return piece;
    }

    private void Grow()
    {
        var larger = new Piece[_ring.Length * 2];
        for (var i = 0; i < Count; i++)
        {
            larger[i] = this[i];
        }

        _ring = larger;
        _head = 0;
    }
}
