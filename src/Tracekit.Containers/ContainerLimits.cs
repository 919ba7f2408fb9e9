using System.Buffers;
using Tracekit.Model;

namespace Tracekit.Containers;

/// <summary>CPU limits of a container; null leaves a limit as it is.</summary>
public sealed record ContainerLimits
{
    // The weight that every group has when nobody sets one: 100 in version 2 of control groups, 1024 shares in version 1.
    private const int DefaultWeight = 100;
    private const int DefaultShares = 1024;
    private const int MinShares = 2;
    private const int MaxWeight = 10_000;
    private const long PeriodUs = 100_000;
    private const long MinQuotaUs = 1_000;
    private static readonly SearchValues<char> CpuListCharacters = SearchValues.Create("0123456789,-");

    /// <summary>Logical cores it may run on, in the kernel's list format ("0-3,6"; cpuset(7)).</summary>
    public string? CpuSet { get; init; }

    /// <summary>CPU time it may use, in percent of one core (200 = two cores), at least 1; 0 takes the limit away.</summary>
    public double? CpuQuotaPercent { get; init; }

    /// <summary>Its share when cores are scarce, 1 to 10000; 100 is what a container has by default.</summary>
    public int? CpuWeight { get; init; }

    /// <summary>The quota in µs of CPU time per <see cref="Period"/>; -1 for no limit, null for what it was.</summary>
    internal long? Quota() => CpuQuotaPercent switch
    {
        null => null,
        0 => -1,
        var percent => (long)Math.Round(percent.Value * PeriodUs / 100),
    };

    /// <summary>The period in µs, where a quota is set.</summary>
    internal long? Period() => CpuQuotaPercent is null ? null : PeriodUs;

    /// <summary>The weight as the engine wants it. In control groups of version 2 it translates shares again; their proportions stay.</summary>
    internal long? Shares() => CpuWeight is null ? null : Math.Max(MinShares, (long)CpuWeight.Value * DefaultShares / DefaultWeight);

    /// <exception cref="UsageException">A value outside its range.</exception>
    internal void Check()
    {
        if (CpuSet is not null && (CpuSet.Length == 0 || CpuSet.AsSpan().ContainsAnyExcept(CpuListCharacters)))
        {
            throw new UsageException($"cpuset '{Printable.Line(CpuSet)}': write cores as in \"0-3,6\"");
        }

        if (CpuQuotaPercent is { } percent && percent != 0 && !(Quota() >= MinQuotaUs && double.IsFinite(percent)))
        {
            throw new UsageException("CPU quota: write percent of one core, at least 1, or 0 for no limit");
        }

        if (CpuWeight is < 1 or > MaxWeight)
        {
            throw new UsageException($"CPU weight {CpuWeight}: write 1 to {MaxWeight}");
        }
    }
}
