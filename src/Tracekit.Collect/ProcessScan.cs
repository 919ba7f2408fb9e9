using Tracekit.Linux;

namespace Tracekit.Collect;

/// <summary>One look through /proc: every process that is there, and what by name, tree and load speaks for collecting it.</summary>
internal sealed class ProcessScan
{
    private readonly ProcessSelection _selection;
    private readonly ProcDirectory _directory = new();
    private readonly ProcDirectory.ProcessHandler _onProcess;
    private readonly List<FoundProcess> _found = [];
    private readonly Dictionary<int, int> _index = [];
    private readonly Dictionary<int, (long Start, long Cpu)> _before = [];
    private readonly List<(long Load, int Index)> _ranking = [];
    private bool _isFirst = true;

    public ProcessScan(ProcessSelection selection)
    {
        _selection = selection;
        _onProcess = OnProcess;
    }

    /// <summary>What was found.</summary>
    public IReadOnlyList<FoundProcess> Found => _found;

    /// <summary>True when the process was found.</summary>
    public bool Has(int pid) => _index.ContainsKey(pid);

    /// <summary>Looks.</summary>
    public void Read(IReadOnlyDictionary<int, TrackedProcess> tracked)
    {
        _found.Clear();
        _index.Clear();
        _directory.Read(_onProcess);
        FindTrees(tracked);
        RankByLoad();
        _isFirst = false;
    }

    private void OnProcess(int pid, ReadOnlySpan<byte> text)
    {
        if (!ProcPidStat.TryParse(text, out var stat) || stat.HasExited || !ProcPidStat.TryParseMemory(text, out _, out _, out var pages))
        {
            return;
        }

        var isKernel = ProcPidStat.IsKernelThread(text);
        var name = _selection.Match is null && _selection.Trees.Count == 0 && _selection.Cgroups.Count == 0
            ? ProcPidStat.CommandName(text)
            : CommandNames.Full(pid, ProcPidStat.CommandNameBytes(text));
        var isMatch = (!isKernel || _selection.KernelThreads) && CommandNames.IsMatch(_selection.Match, name);
        _index[pid] = _found.Count;
        _found.Add(new FoundProcess(pid, stat.ParentPid, name, stat.StartTimeTicks, stat.UtimeTicks + stat.StimeTicks, isKernel ? 0 : pages, isMatch ? SelectedBy.Match : 0));
    }

    // A child may stand before its parent in the list: again until nothing changes.
    private void FindTrees(IReadOnlyDictionary<int, TrackedProcess> tracked)
    {
        for (var again = _selection.Trees.Count > 0; again;)
        {
            again = false;
            for (var i = 0; i < _found.Count; i++)
            {
                var one = _found[i];
                if (!one.By.HasFlag(SelectedBy.Tree) && IsInTree(one, tracked))
                {
                    _found[i] = one with { By = one.By | SelectedBy.Tree };
                    again = true;
                }
            }
        }
    }

    // The roots are who had these pids when the collector began; later they may be others.
    private bool IsInTree(in FoundProcess one, IReadOnlyDictionary<int, TrackedProcess> tracked) =>
        (_isFirst && _selection.Trees.Contains(one.Pid))
        || (tracked.TryGetValue(one.Pid, out var known) && known.By.HasFlag(SelectedBy.Tree))
        || (_index.TryGetValue(one.ParentPid, out var parent) && _found[parent].By.HasFlag(SelectedBy.Tree));

    private void RankByLoad()
    {
        if (_selection.Busiest <= 0)
        {
            return;
        }

        _ranking.Clear();
        for (var i = 0; i < _found.Count; i++)
        {
            var one = _found[i];
            var before = _before.TryGetValue(one.Pid, out var known) && known.Start == one.StartTimeTicks ? known.Cpu : _isFirst ? one.CpuTicks : 0;
            var load = _selection.BusyBy == BusyBy.Memory ? one.ResidentPages : one.CpuTicks - before;
            if (load > 0 && one.Pid != Environment.ProcessId)
            {
                _ranking.Add((load, i));
            }
        }

        _ranking.Sort(static (a, b) => a.Load != b.Load ? b.Load.CompareTo(a.Load) : a.Index.CompareTo(b.Index));
        for (var rank = 0; rank < Math.Min(_selection.Busiest, _ranking.Count); rank++)
        {
            var index = _ranking[rank].Index;
            _found[index] = _found[index] with { By = _found[index].By | SelectedBy.Busy };
        }

        _before.Clear();
        foreach (var one in _found)
        {
            _before[one.Pid] = (one.StartTimeTicks, one.CpuTicks);
        }
    }
}

/// <summary>A process that a look through /proc found.</summary>
internal readonly record struct FoundProcess(int Pid, int ParentPid, string Name, long StartTimeTicks, long CpuTicks, long ResidentPages, SelectedBy By);
