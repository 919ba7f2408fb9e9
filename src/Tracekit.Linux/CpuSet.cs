using System.Collections;
using System.Globalization;
using System.Text;
using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>
/// A set of logical CPUs in the kernel's list format, as in <c>0-3,6</c> (cpuset(7), "List format"). Immutable; equal when the same CPUs are
/// in it, however it was written.
/// </summary>
public sealed class CpuSet : IEquatable<CpuSet>
{
    /// <summary>The highest CPU number that is read: the largest CONFIG_NR_CPUS of a Linux kernel is 8192.</summary>
    public const int MaxCpu = 8191;

    /// <summary>The longest text that is read. Every CPU on its own would be longer, but nobody writes that.</summary>
    public const int MaxTextLength = 4096;

    private readonly int[] _cpus;

    /// <summary>The set of these CPUs; order and repetition do not matter.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside 0 to <see cref="MaxCpu"/>.</exception>
    public CpuSet(IEnumerable<int> cpus)
    {
        _cpus = [.. cpus.Distinct().Order()];
        if (_cpus.Length > 0 && (_cpus[0] < 0 || _cpus[^1] > MaxCpu))
        {
            throw new ArgumentOutOfRangeException(nameof(cpus), $"CPU numbers are 0 to {MaxCpu}");
        }
    }

    /// <summary>The CPUs in ascending order.</summary>
    public IReadOnlyList<int> Cpus => _cpus;

    /// <summary>How many there are.</summary>
    public int Count => _cpus.Length;

    /// <summary>True when <paramref name="cpu"/> is in the set.</summary>
    public bool Contains(int cpu) => Array.BinarySearch(_cpus, cpu) >= 0;

    /// <summary>True when the two sets have a CPU in common.</summary>
    public bool Overlaps(CpuSet other) => _cpus.Any(other.Contains);

    /// <summary>Reads the list format. At least one CPU; no blanks; a range goes upwards. The kernel's stride form (<c>0-6:2/4</c>) is not read.</summary>
    public static bool TryParse(string? text, out CpuSet set)
    {
        set = new CpuSet([]);
        if (string.IsNullOrEmpty(text) || text.Length > MaxTextLength)
        {
            return false;
        }

        // A mark for each CPU: a text that names all of them hundreds of times costs no more than reading it.
        var cpus = new BitArray(MaxCpu + 1);
        foreach (var range in text.AsSpan().Split(','))
        {
            if (!TryAddRange(text.AsSpan(range), cpus))
            {
                return false;
            }
        }

        set = new CpuSet(Enumerable.Range(0, cpus.Length).Where(cpu => cpus[cpu]));
        return true;
    }

    /// <summary>Reads the list format.</summary>
    /// <exception cref="UsageException">It is not that.</exception>
    public static CpuSet Parse(string text) => TryParse(text, out var set)
        ? set
        : throw new UsageException($"CPU set '{Printable.Line(text)}': write CPU numbers and ranges, as in 0-3,6");

    /// <summary>The shortest list format: <c>0-3,6</c>; empty for no CPU.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        for (var i = 0; i < _cpus.Length; i++)
        {
            var first = _cpus[i];
            while (i + 1 < _cpus.Length && _cpus[i + 1] == _cpus[i] + 1)
            {
                i++;
            }

            text.Append(text.Length == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $"{first}");
            if (_cpus[i] > first)
            {
                text.Append(CultureInfo.InvariantCulture, $"-{_cpus[i]}");
            }
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public bool Equals(CpuSet? other) => other is not null && _cpus.AsSpan().SequenceEqual(other._cpus);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CpuSet);

    /// <inheritdoc/>
    public override int GetHashCode() => _cpus.Aggregate(_cpus.Length, HashCode.Combine);

    private static bool TryAddRange(ReadOnlySpan<char> range, BitArray cpus)
    {
        var dash = range.IndexOf('-');
        var low = dash < 0 ? range : range[..dash];
        var high = dash < 0 ? range : range[(dash + 1)..];
        if (!TryCpu(low, out var first) || !TryCpu(high, out var last) || last < first)
        {
            return false;
        }

        for (var cpu = first; cpu <= last; cpu++)
        {
            cpus[cpu] = true;
        }

        return true;
    }

    private static bool TryCpu(ReadOnlySpan<char> text, out int cpu) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out cpu) && cpu <= MaxCpu;
}
