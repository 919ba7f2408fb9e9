using Tracekit.Linux;

namespace Tracekit.Schedule;

/// <summary>The cores that a worker's running tasks hold: the memory around <see cref="CoreAllocator"/>. Not thread-safe; the worker locks.</summary>
/// <param name="topology">The CPUs that tasks may use.</param>
/// <param name="binding">Whether tasks get cores of their own.</param>
/// <param name="cpuWeightPerUnit">With shared binding: CPU weight per unit.</param>
internal sealed class CoreBinding(IReadOnlyList<LogicalCpu> topology, CpuBinding binding, int cpuWeightPerUnit)
{
    private readonly List<TaskPlacement> _running = [];

    /// <summary>The placements that are bound now.</summary>
    public IReadOnlyList<TaskPlacement> Running => _running;

    /// <summary>Binds a task. Whom it overlaps is marked as overcommitted, and it too.</summary>
    /// <exception cref="Model.TracekitException">The task asks for a CPU that is not there.</exception>
    public TaskPlacement Bind(TaskSpec task, string node, long nowMs)
    {
        var requested = CpuSet.TryParse(task.Cpuset, out var given) ? given : null;
        var allocation = binding == CpuBinding.Exclusive || requested is not null
            ? CoreAllocator.Allocate(topology, [.. _running.Select(r => r.Cpuset).OfType<CpuSet>()], task.CpuUnits, requested)
            : null;
        var weight = task.CpuWeight ?? (binding == CpuBinding.Shared ? Weight(task.CpuUnits) : null);
        var placement = new TaskPlacement(node, task, allocation?.Cpus, weight, nowMs);
        if (allocation is { Overcommitted: true })
        {
            placement.MarkOvercommitted();
            foreach (var other in _running.Where(r => r.Cpuset is { } held && held.Overlaps(allocation.Cpus)))
            {
                other.MarkOvercommitted();
            }
        }

        _running.Add(placement);
        return placement;
    }

    /// <summary>Frees what a placement holds.</summary>
    public void Release(TaskPlacement placement) => _running.Remove(placement);

    private int Weight(int cpuUnits) => (int)Math.Clamp((long)cpuUnits * cpuWeightPerUnit, 1, TaskFaults.MaxCpuWeight);
}
