using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>The cores of a task.</summary>
/// <param name="Cpus">The logical CPUs that it is bound to.</param>
/// <param name="Overcommitted">True when another task is bound to one of them too, or there are fewer than it has units.</param>
public sealed record CoreAllocation(CpuSet Cpus, bool Overcommitted);

/// <summary>
/// Exclusive binding: gives each task as many logical CPUs of its own as it has units. Pure: what is held comes in, what to bind goes out.
/// </summary>
public static class CoreAllocator
{
    /// <summary>
    /// Chooses the CPUs of a task. Free ones first, all from one package if one has enough (the fullest such, so that large gaps stay large): whole
    /// physical cores while the task still needs that many, then single hardware threads, from cores already broken up before whole ones. Where
    /// there are not enough free ones, all free ones and then those with the fewest tasks. Ties go to the lowest number.
    /// </summary>
    /// <param name="topology">The CPUs that tasks may use, in any order; not empty.</param>
    /// <param name="held">The CPUs of every task that is running; one entry a task.</param>
    /// <param name="cpuUnits">How many the task needs, 1 or more.</param>
    /// <param name="requested">The task's own cpuset, which is honoured as it is; null to choose.</param>
    /// <exception cref="TracekitException">A requested CPU is not in the topology.</exception>
    public static CoreAllocation Allocate(IReadOnlyList<LogicalCpu> topology, IReadOnlyCollection<CpuSet> held, int cpuUnits, CpuSet? requested = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cpuUnits, 1);
        ArgumentOutOfRangeException.ThrowIfZero(topology.Count);
        var load = topology.ToDictionary(c => c.Cpu, c => held.Count(h => h.Contains(c.Cpu)));
        if (requested is not null)
        {
            var missing = new CpuSet(requested.Cpus.Where(cpu => !load.ContainsKey(cpu)));
            return missing.Count == 0
                ? new CoreAllocation(requested, requested.Cpus.Any(cpu => load[cpu] > 0))
                : throw new TracekitException($"cpuset {requested}: this node has no CPU {missing}, tasks may use {new CpuSet(load.Keys)}");
        }

        LogicalCpu[] free = [.. topology.Where(c => load[c.Cpu] == 0)];
        if (free.Length >= cpuUnits)
        {
            return new CoreAllocation(new CpuSet(FromFree(topology, free, cpuUnits)), Overcommitted: false);
        }

        var leastLoaded = load.OrderBy(c => c.Value).ThenBy(c => c.Key).Select(c => c.Key).Take(cpuUnits);
        return new CoreAllocation(new CpuSet(leastLoaded), Overcommitted: true);
    }

    private static List<int> FromFree(IReadOnlyList<LogicalCpu> topology, LogicalCpu[] free, int cpuUnits)
    {
        var threadsOfCore = topology.CountBy(c => (c.PackageId, c.CoreId)).ToDictionary();
        LogicalCpu[][] packages = [.. free.GroupBy(c => c.PackageId).OrderBy(p => p.Key).Select(p => p.ToArray())];
        var enough = packages.Where(p => p.Length >= cpuUnits).MinBy(p => p.Length);
        var left = cpuUnits;
        List<int> chosen = [];
        foreach (var package in enough is not null ? [enough] : packages.OrderByDescending(p => p.Length).ToArray())
        {
            chosen.AddRange(FromPackage(package, threadsOfCore, left));
            left = cpuUnits - chosen.Count;
        }

        return chosen;
    }

    private static List<int> FromPackage(LogicalCpu[] free, Dictionary<(int PackageId, int CoreId), int> threadsOfCore, int wanted)
    {
        var cores = free
            .GroupBy(c => (c.PackageId, c.CoreId))
            .Select(core => (Whole: core.Count() == threadsOfCore[core.Key], Cpus: core.Select(c => c.Cpu).Order().ToArray()))
            .OrderBy(core => core.Cpus[0])
            .ToList();
        List<int> chosen = [];
        foreach (var core in cores.Where(core => core.Whole).ToArray())
        {
            if (core.Cpus.Length <= wanted - chosen.Count)
            {
                chosen.AddRange(core.Cpus);
                cores.Remove(core);
            }
        }

        var threads = cores.OrderBy(core => core.Whole).ThenBy(core => core.Cpus.Length).ThenBy(core => core.Cpus[0]).SelectMany(core => core.Cpus);
        chosen.AddRange(threads.Take(wanted - chosen.Count));
        return chosen;
    }
}
