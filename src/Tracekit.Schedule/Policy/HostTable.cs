namespace Tracekit.Schedule;

/// <summary>
/// The hosts, and the scheduling policy on them: strict FIFO with head-of-line blocking, and for the head the best feasible host. Pure, so that real runs
/// and a simulator use the very same code. It looks at one task, the head; never passing it by is its caller's part.
/// </summary>
/// <remarks>
/// A tournament tree over the hosts in ordinal order of their ids: every inner place has the most units that fit below it and the best measure below it.
/// So a choice among thousands of hosts looks at a few of them, and taking or giving back capacity changes one path. Not safe for several threads.
/// </remarks>
public sealed class HostTable
{
    private HostState[] _hosts;
    private Place[] _tree = [];
    private int _leaves;
    private HostWeigher? _weigher;

    /// <summary>A table of these hosts, given in any order.</summary>
    /// <exception cref="ArgumentException">Two have the same id.</exception>
    public HostTable(IEnumerable<HostState> hosts)
    {
        _hosts = [.. hosts];
        Array.Sort(_hosts, (a, b) => string.CompareOrdinal(a.NodeId, b.NodeId));
        for (var i = 1; i < _hosts.Length; i++)
        {
            if (_hosts[i].NodeId == _hosts[i - 1].NodeId)
            {
                throw new ArgumentException($"two hosts have the id {_hosts[i].NodeId}", nameof(hosts));
            }
        }
    }

    /// <summary>How many hosts there are.</summary>
    public int Count => _hosts.Length;

    /// <summary>All of them, in ordinal order of their ids.</summary>
    public ReadOnlySpan<HostState> Hosts => _hosts;

    /// <summary>The host at an index in ordinal order of the ids.</summary>
    /// <exception cref="ArgumentException">Another host is set in its place.</exception>
    public HostState this[int index]
    {
        get => _hosts[index];
        set
        {
            if (value.NodeId != _hosts[index].NodeId)
            {
                throw new ArgumentException($"{value.NodeId} in the place of {_hosts[index].NodeId}", nameof(value));
            }

            _hosts[index] = value;
            if (_weigher is { } weigher)
            {
                Update(index, weigher);
            }
        }
    }

    /// <summary>Index of the host of this id; when there is none, the complement of the index where it would stand.</summary>
    public int IndexOf(string nodeId)
    {
        var (low, high) = (0, _hosts.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = string.CompareOrdinal(_hosts[middle].NodeId, nodeId);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }

    /// <summary>Adds a host at an index that <see cref="IndexOf"/> gave.</summary>
    public void Insert(int index, HostState host)
    {
        _hosts = [.. _hosts.AsSpan(0, index), host, .. _hosts.AsSpan(index)];
        _weigher = null;
    }

    /// <summary>Removes the host at an index.</summary>
    public void RemoveAt(int index)
    {
        _hosts = [.. _hosts.AsSpan(0, index), .. _hosts.AsSpan(index + 1)];
        _weigher = null;
    }

    /// <summary>
    /// Places a task that needs <paramref name="cpuUnits"/>. Feasible is a host with that capacity free and, where it works with slots, one of them
    /// free. When none is, hosts whose slot count is stale (<see cref="HostState.HasStaleSlots"/>) are taken by their capacity alone, so that lost
    /// slot tokens block nothing.
    /// </summary>
    /// <param name="cpuUnits">Units of the head task, 1 or more.</param>
    /// <param name="weigher">Chooses among several feasible hosts.</param>
    public PlacementDecision Choose(int cpuUnits, HostWeigher weigher)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cpuUnits, 1);
        if (_weigher != weigher)
        {
            Build(weigher);
        }

        var best = Candidate.None;
        if (_hosts.Length > 0)
        {
            Search(1, 0, _leaves, cpuUnits, ref best);
        }

        return best.Index < 0 ? WithoutFeasible(cpuUnits, weigher)
            : new PlacementDecision(PlacementKind.Placed, best.Index, TakesSlot: _hosts[best.Index].SlotsFree is not null);
    }

    // Seldom: the head waits then, and each look costs no more than one at every host.
    private PlacementDecision WithoutFeasible(int cpuUnits, HostWeigher weigher)
    {
        var best = Candidate.None;
        var isLargerThanAll = _hosts.Length > 0;
        for (var i = 0; i < _hosts.Length; i++)
        {
            ref readonly var host = ref _hosts[i];
            isLargerThanAll &= cpuUnits > host.CapacityTotal;
            var rank = weigher.Rank(host);
            if (host.CapacityFree >= cpuUnits && host.HasStaleSlots && best.LosesTo(rank, i))
            {
                best = new Candidate(rank, i);
            }
        }

        return best.Index >= 0 ? new PlacementDecision(PlacementKind.Placed, best.Index)
            : new PlacementDecision(isLargerThanAll ? PlacementKind.NeverFits : PlacementKind.Blocked);
    }

    // Branch and bound: the half with the better rank first, so that the other can mostly be left out.
    private void Search(int place, int first, int width, int cpuUnits, ref Candidate best)
    {
        ref readonly var here = ref _tree[place];
        if (here.MostFree < cpuUnits || !best.LosesTo(here.BestRank, first))
        {
            return;
        }

        if (width == 1)
        {
            best = new Candidate(here.BestRank, first);
            return;
        }

        var half = width / 2;
        var (left, right) = (place * 2, (place * 2) + 1);
        if (_tree[left].BestRank <= _tree[right].BestRank)
        {
            Search(left, first, half, cpuUnits, ref best);
            Search(right, first + half, half, cpuUnits, ref best);
        }
        else
        {
            Search(right, first + half, half, cpuUnits, ref best);
            Search(left, first, half, cpuUnits, ref best);
        }
    }

    private void Build(HostWeigher weigher)
    {
        _leaves = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, _hosts.Length));
        if (_tree.Length != _leaves * 2)
        {
            _tree = new Place[_leaves * 2];
        }

        for (var i = 0; i < _leaves; i++)
        {
            _tree[_leaves + i] = i < _hosts.Length ? Place.Of(_hosts[i], weigher) : Place.Nobody;
        }

        for (var place = _leaves - 1; place > 0; place--)
        {
            _tree[place] = Place.Better(_tree[place * 2], _tree[(place * 2) + 1]);
        }

        _weigher = weigher;
    }

    private void Update(int index, HostWeigher weigher)
    {
        var place = _leaves + index;
        _tree[place] = Place.Of(_hosts[index], weigher);
        for (place /= 2; place > 0; place /= 2)
        {
            _tree[place] = Place.Better(_tree[place * 2], _tree[(place * 2) + 1]);
        }
    }

    // Of all hosts below a place. A host without a free slot has nothing free.
    private readonly record struct Place(long MostFree, long BestRank)
    {
        public static Place Nobody => new(long.MinValue, long.MaxValue);

        public static Place Of(in HostState host, HostWeigher weigher) =>
            new(host.SlotsFree is null or > 0 ? host.CapacityFree : long.MinValue, weigher.Rank(host));

        public static Place Better(in Place a, in Place b) => new(Math.Max(a.MostFree, b.MostFree), Math.Min(a.BestRank, b.BestRank));
    }

    private readonly record struct Candidate(long Rank, int Index)
    {
        public static Candidate None => new(long.MaxValue, -1);

        public bool LosesTo(long rank, int index) => Index < 0 || rank < Rank || (rank == Rank && index < Index);
    }
}
