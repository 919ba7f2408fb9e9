using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>A set of logical CPUs, written as the kernel does: <c>0-3,6</c> (cpuset(7), list format).</summary>
public sealed class CpuSet : IEquatable<CpuSet>
{
    /// <summary>The highest CPU number that is accepted, plus one.</summary>
    public const int MaxCpus = 8192;

    private const int WordBits = 64;

    private CpuSet(ImmutableArray<int> cpus) => Cpus = cpus;

    /// <summary>The CPU numbers, ascending, each once.</summary>
    public ImmutableArray<int> Cpus { get; }

    /// <summary>How many CPUs are in the set.</summary>
    public int Count => Cpus.Length;

    /// <summary>A set of the given CPUs.</summary>
    public static CpuSet Of(IEnumerable<int> cpus) => new([.. cpus.Distinct().Order()]);

    /// <summary>Reads the list format; false when it is not that, is empty, or names a CPU of 8192 or more.</summary>
    public static bool TryParse(string text, out CpuSet set)
    {
        var cpus = new SortedSet<int>();
        set = new CpuSet([]);
        foreach (var part in text.Trim().Split(','))
        {
            var ends = part.Split('-');
            if (ends.Length > 2
                || !int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                || first > last
                || last >= MaxCpus)
            {
                return false;
            }

            cpus.UnionWith(Enumerable.Range(first, last - first + 1));
        }

        set = new CpuSet([.. cpus]);
        return true;
    }

    /// <summary>Reads the list format.</summary>
    /// <exception cref="UsageException">It is not that.</exception>
    public static CpuSet Parse(string text) => TryParse(text, out var set)
        ? set
        : throw new UsageException($"CPU set '{Printable.Line(text)}': write CPU numbers and ranges, as in 0-3,6");

    /// <summary>The CPUs that this process may run on.</summary>
    public static unsafe CpuSet Allowed()
    {
        var mask = stackalloc ulong[MaxCpus / WordBits];
        if (Libc.SchedGetAffinity(0, MaxCpus / 8, mask) != 0)
        {
            return Of(Enumerable.Range(0, Environment.ProcessorCount));
        }

        var cpus = ImmutableArray.CreateBuilder<int>();
        for (var cpu = 0; cpu < MaxCpus; cpu++)
        {
            if ((mask[cpu / WordBits] >> (cpu % WordBits) & 1) != 0)
            {
                cpus.Add(cpu);
            }
        }

        return new CpuSet(cpus.ToImmutable());
    }

    /// <summary>Binds a process to these CPUs (sched_setaffinity(2)).</summary>
    /// <exception cref="TracekitException">The kernel refuses: none of them is online, or the process is not ours.</exception>
    public unsafe void ApplyTo(int pid)
    {
        var mask = stackalloc ulong[MaxCpus / WordBits];
        new Span<ulong>(mask, MaxCpus / WordBits).Clear();
        foreach (var cpu in Cpus)
        {
            mask[cpu / WordBits] |= 1UL << (cpu % WordBits);
        }

        if (Libc.SchedSetAffinity(pid, MaxCpus / 8, mask) != 0)
        {
            throw new TracekitException($"cannot bind pid {pid} to CPUs {this}: {Libc.LastError()}; this machine lets us use {Allowed()}");
        }
    }

    /// <inheritdoc/>
    public bool Equals(CpuSet? other) => other is not null && Cpus.AsSpan().SequenceEqual(other.Cpus.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CpuSet);

    /// <inheritdoc/>
    public override int GetHashCode() => Cpus.Aggregate(17, HashCode.Combine);

    /// <summary>The list format, ranges joined.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        for (var i = 0; i < Cpus.Length;)
        {
            var last = i;
            while (last + 1 < Cpus.Length && Cpus[last + 1] == Cpus[last] + 1)
            {
                last++;
            }

            text.Append(text.Length == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $"{Cpus[i]}");
            if (last > i)
            {
                text.Append(CultureInfo.InvariantCulture, $"-{Cpus[last]}");
            }

            i = last + 1;
        }

        return text.ToString();
    }
}
