using Tracekit.Trace.Tasks;

namespace Tracekit.Trace.OpenDc;

/// <summary>
/// Lays the windows of one task out as pieces that tile its life without a hole and hold all its CPU time, to the nanosecond, with no piece
/// above what the
/// node's cores can do in it. Windows come in time order. One object serves task after task.
/// </summary>
/// <remarks>
/// Three things do not fit as they come. A child's CPU time shows at the instant its parent waits for it: it is spread over the time since
/// children's CPU time last
/// showed. A sample taken a little late has more CPU time than its window can hold: the excess goes to the neighbours. Older traces have
/// holes: what the
/// invocation says beyond the windows goes there, evenly.
/// </remarks>
/// <param name="totals">Where it counts what it had to do.</param>
/// <param name="emit">Takes the index of the task and its finished pieces in time order.</param>
internal sealed class TaskPlacement(PlacementTotals totals, Action<int, Piece> emit)
{
    /// <summary>The most pieces kept back per task while it may still turn out where CPU time belongs.</summary>
    public const int MaxPending = 4096;

    /// <summary>The most pieces kept back over all tasks before each has to do with <see cref="ReducedPending"/>: 24 MB.</summary>
    public const long MaxPendingInAll = 1 << 20;

    /// <summary>Pieces kept back per task when <see cref="MaxPendingInAll"/> is reached.</summary>
    public const int ReducedPending = 256;

    /// <summary>Pieces kept back for excess to move to, when nothing else can come.</summary>
    public const int NeighbourReach = 16;

    /// <summary>A window may reach this far beyond its task and still be all its own: time stamps are rounded.</summary>
    public const long RoundingMs = 2;

    private readonly PieceQueue _pieces = new();
    private int _task;
    private long _nsPerMs;
    private long _endMs;
    private long _coveredToMs;
    private long _knownCpuNs;
    private long _placedNs;
    private long _carryNs;
    private long _emitted;
    private long _childrenShownTo;
    private int _maxPending;
    private bool _lostGap;

    /// <summary>Begins a task.</summary>
    /// <param name="task">Its index.</param>
    /// <param name="span">Its life.</param>
    /// <param name="cores">Cores of its node.</param>
    /// <param name="knownCpuNs">Its CPU time as the invocation says it; −1 when it does not.</param>
    /// <param name="childrenMayCome">False when the invocation says that it had no children with CPU time.</param>
    public void Begin(int task, TaskSpan span, int cores, long knownCpuNs, bool childrenMayCome)
    {
        _task = task;
        _nsPerMs = cores * RunClock.NsPerMs;
        _endMs = span.EndMs;
        _coveredToMs = span.StartMs;
        _knownCpuNs = knownCpuNs;
        _placedNs = _carryNs = _emitted = _childrenShownTo = 0;
        _maxPending = childrenMayCome ? MaxPending : NeighbourReach;
        _lostGap = false;
    }

    /// <summary>Adds the part of a window that is the task's.</summary>
    /// <param name="share">When.</param>
    /// <param name="window">The window, with the CPU time that is the task's share of it.</param>
    public void Add(TaskShare share, in CpuWindow window)
    {
        var fromMs = Math.Max(share.FromMs, _coveredToMs);
        var toMs = Math.Max(share.ToMs, fromMs);
        if (fromMs > _coveredToMs)
        {
            AddGap(fromMs, window.CpuBeforeNs);
        }
        else
        {
            _carryNs = Amount.Add(_carryNs, window.CpuBeforeNs);
            _placedNs = Amount.Add(_placedNs, window.CpuBeforeNs);
        }

        var (ownNs, childrenNs) = Inside(window, share.OverlapMs);
        _placedNs = Amount.Add(_placedNs, ownNs + childrenNs);
        if (toMs > fromMs)
        {
            AddPiece(toMs, ownNs, isGap: false);
        }
        else
        {
            _carryNs = MoveBack(Amount.Add(_carryNs, ownNs), NeighbourReach);
        }

        if (childrenNs > 0)
        {
            SpreadChildren(childrenNs);
        }

        EmitDownTo(totals.PendingPieces > MaxPendingInAll ? Math.Min(_maxPending, ReducedPending) : _maxPending);
    }

    /// <summary>Ends the task: fills what is left of its life and hands out all pieces.</summary>
    public void Finish()
    {
        if (_coveredToMs < _endMs)
        {
            AddGap(_endMs, cpuNs: 0);
        }

        FillGaps();
        PlaceCarry();
        EmitDownTo(0);
    }

    private (long OwnNs, long ChildrenNs) Inside(in CpuWindow window, long overlapMs)
    {
        var ownNs = window.CpuNs - window.ChildrenCpuNs;
        if (window.DtMs - overlapMs <= RoundingMs)
        {
            return (ownNs, window.ChildrenCpuNs);
        }

        // Mostly somebody else's time, as when a server's window surrounds one short request.
        var roomNs = Amount.Multiply(overlapMs, _nsPerMs);
        var ownInside = Math.Min(ownNs, roomNs);
        var childrenInside = Math.Min(window.ChildrenCpuNs, roomNs - ownInside);
        totals.OutsideNs = Amount.Add(totals.OutsideNs, window.CpuNs - ownInside - childrenInside);
        return (ownInside, childrenInside);
    }

    private void AddGap(long toMs, long cpuNs)
    {
        totals.Gaps++;
        totals.GapMs += toMs - _coveredToMs;
        totals.GapCpuNs = Amount.Add(totals.GapCpuNs, cpuNs);
        _placedNs = Amount.Add(_placedNs, cpuNs);
        AddPiece(toMs, cpuNs, isGap: cpuNs == 0);
        _maxPending = _knownCpuNs >= 0 ? MaxPending : _maxPending;
    }

    private void AddPiece(long toMs, long ownNs, bool isGap)
    {
        var dtMs = toMs - _coveredToMs;
        _coveredToMs = toMs;
        var wantedNs = Amount.Add(ownNs, _carryNs);
        var fitsNs = Math.Min(wantedNs, Amount.Multiply(dtMs, _nsPerMs));
        _pieces.Add(dtMs, fitsNs, isGap);
        totals.PendingPieces++;
        if (wantedNs > fitsNs)
        {
            totals.MovedNs = Amount.Add(totals.MovedNs, Math.Max(0, ownNs - fitsNs));
            _carryNs = MoveBack(wantedNs - fitsNs, NeighbourReach);
        }
        else
        {
            _carryNs = 0;
        }
    }

    /// <summary>Puts CPU time into the nearest earlier pieces that have room; returns what found none.</summary>
    private long MoveBack(long ns, int reach)
    {
        for (var i = _pieces.Count - 1; ns > 0 && i >= 0 && i >= _pieces.Count - reach; i--)
        {
            ref var piece = ref _pieces[i];
            var given = Math.Min(ns, Room(piece));
            piece.CpuNs += given;
            ns -= given;
        }

        return ns;
    }

    private void SpreadChildren(long ns)
    {
        var first = (int)Math.Max(0, _childrenShownTo - _emitted);
        if (_pieces.Count - first > 1)
        {
            totals.SpreadChildrenNs = Amount.Add(totals.SpreadChildrenNs, ns);
        }

        if (_childrenShownTo < _emitted)
        {
            totals.SpreadsCutShort++;
        }

        ns = PieceFill.Evenly(_pieces, first, _pieces.Count, ns, _nsPerMs);
        ns = PieceFill.Evenly(_pieces, 0, first, ns, _nsPerMs);
        _carryNs = Amount.Add(_carryNs, ns);
        _childrenShownTo = _emitted + _pieces.Count;
    }

    private void FillGaps()
    {
        var missingNs = _knownCpuNs - _placedNs;
        if (_knownCpuNs < 0 || missingNs <= 0)
        {
            return;
        }

        var leftNs = PieceFill.Evenly(_pieces, 0, _pieces.Count, missingNs, _nsPerMs, onlyGaps: true);
        totals.GapCpuNs = Amount.Add(totals.GapCpuNs, missingNs - leftNs);
        totals.UnplacedNs = Amount.Add(totals.UnplacedNs, leftNs);
        totals.GapsCutShort += _lostGap ? 1 : 0;
    }

    private void PlaceCarry()
    {
        if (_carryNs == 0)
        {
            return;
        }

        var leftNs = MoveBack(_carryNs, int.MaxValue);
        if (leftNs > 0)
        {
            totals.ForcedNs = Amount.Add(totals.ForcedNs, leftNs);
            PieceFill.Beyond(_pieces, leftNs);
        }

        _carryNs = 0;
    }

    private void EmitDownTo(int pending)
    {
        while (_pieces.Count > pending)
        {
            var piece = _pieces.Take();
            _lostGap |= piece.IsGap && pending > 0;
            _emitted++;
            totals.PendingPieces--;
            emit(_task, piece);
        }
    }

    private long Room(in Piece piece) => Math.Max(0, Amount.Multiply(piece.DtMs, _nsPerMs) - piece.CpuNs);
}
