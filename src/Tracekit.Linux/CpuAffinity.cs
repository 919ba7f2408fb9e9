using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>Which CPUs a process may run on (sched_setaffinity(2)).</summary>
public static unsafe class CpuAffinity
{
    private const int WordBits = 64;
    private const int Words = (CpuSet.MaxCpu + 1) / WordBits;

    /// <summary>The CPUs that this process may run on.</summary>
    public static CpuSet Allowed() => Of(0) ?? new CpuSet(Enumerable.Range(0, Environment.ProcessorCount));

    /// <summary>The CPUs that a process may run on; null when there is no such process.</summary>
    /// <param name="pid">The process; 0 for this one.</param>
    public static CpuSet? Of(int pid)
    {
        var mask = stackalloc ulong[Words];
        new Span<ulong>(mask, Words).Clear();
        if (Libc.SchedGetAffinity(pid, Words * sizeof(ulong), mask) < 0)
        {
            return null;
        }

        var cpus = new List<int>();
        for (var cpu = 0; cpu <= CpuSet.MaxCpu; cpu++)
        {
            if ((mask[cpu / WordBits] >> (cpu % WordBits) & 1) != 0)
            {
                cpus.Add(cpu);
            }
        }

        return new CpuSet(cpus);
    }

    /// <summary>Binds a process to CPUs; returns those of them that this machine has, to which it is bound now.</summary>
    /// <exception cref="TracekitException">The kernel refuses: none of them is online, or the process is not ours.</exception>
    public static CpuSet Apply(CpuSet cpus, int pid)
    {
        var mask = stackalloc ulong[Words];
        new Span<ulong>(mask, Words).Clear();
        foreach (var cpu in cpus.Cpus)
        {
            mask[cpu / WordBits] |= 1UL << (cpu % WordBits);
        }

        if (Libc.SchedSetAffinity(pid, Words * sizeof(ulong), mask) != 0)
        {
            throw new TracekitException($"cannot bind pid {pid} to CPUs {cpus}: {Libc.LastError()}; this machine lets us use {Allowed()}");
        }

        return Of(pid) ?? cpus;
    }
}
