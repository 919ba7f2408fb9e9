using Tracekit.Linux;

namespace Tracekit.Schedule;

/// <summary>
/// The cores and shares that a worker's running tasks hold: the memory around <see cref="CoreAllocator"/> and <see cref="TaskShares"/>. Not thread-safe; the
/// worker locks.
/// </summary>
/// <param name="topology">The CPUs that tasks may use.</param>
/// <param name="binding">Whether tasks get cores of their own.</param>
/// <param name="cpuWeightPerUnit">With shared binding: CPU weight per unit.</param>
/// <param name="limitCores">The CPU quota that the worker itself is under, in cores; null for none.</param>
internal sealed class CoreBinding(IReadOnlyList<LogicalCpu> topology, CpuBinding binding, int cpuWeightPerUnit, double? limitCores)
{
    private readonly List<TaskPlacement> _running = [];
    private readonly double _capacityCores = Math.Min(topology.Count, limitCores ?? topology.Count);

    /// <summary>The placements that are bound now.</summary>
    public IReadOnlyList<TaskPlacement> Running => _running;

    /// <summary>
    /// Binds a task. Whom it overlaps is marked as overcommitted, and it too. With shared binding every running task's share follows.
    /// </summary>
    /// <exception cref="Model.TracekitException">The task asks for a CPU that is not there.</exception>
    public TaskPlacement Bind(TaskSpec task, string node, long nowMs)
    {
        var requested = CpuSet.TryParse(task.Cpuset, out var given) ? given : null;
        var allocation = binding == CpuBinding.Exclusive || requested is not null
            ? CoreAllocator.Allocate(topology, [.. _running.Select(r => r.Cpuset).OfType<CpuSet>()], task.CpuUnits, requested)
            : null;
        var weight = task.CpuWeight ?? (binding == CpuBinding.Shared ? Weight(task.CpuUnits) : null);
        var placement = new TaskPlacement(node, task, binding, allocation?.Cpus, CpuShare.OfPercent(task.CpuQuota, weight), nowMs);
        if (allocation is { Overcommitted: true })
        {
            placement.MarkOvercommitted();
            foreach (var other in _running.Where(r => r.Cpuset is { } held && held.Overlaps(allocation.Cpus)))
            {
                other.MarkOvercommitted();
            }
        }

        _running.Add(placement);
        Share();
        return placement;
    }

    /// <summary>Frees what a placement holds; with shared binding the others' shares grow.</summary>
    public void Release(TaskPlacement placement)
    {
        _running.Remove(placement);
        Share();
    }

    private void Share()
    {
        if (binding != CpuBinding.Shared)
        {
            return;
        }

        var quotas = TaskShares.Quotas(_capacityCores, [.. _running.Select(DemandOf)]);
        for (var i = 0; i < quotas.Length; i++)
        {
            _running[i].SetShare(_running[i].Share with { QuotaCores = quotas[i] });
        }
    }

    private TaskDemand DemandOf(TaskPlacement placement)
    {
        var task = placement.Task;
        var units = task.CpuWeight is { } own ? own / (double)cpuWeightPerUnit : task.CpuUnits;
        double? quota = task.CpuQuota / 100;
        double? cpus = placement.Cpuset is { } set && set.Count < topology.Count ? set.Count : null;
        return new TaskDemand(units, quota is null || cpus < quota ? cpus : quota);
    }

    private int Weight(int cpuUnits) => (int)Math.Clamp((long)cpuUnits * cpuWeightPerUnit, 1, TaskFaults.MaxCpuWeight);
}
