namespace Tracekit.Linux;

/// <summary>A CPU quota and a weight.</summary>
/// <param name="QuotaCores">The most CPU time a unit of time, in cores; null for no limit.</param>
/// <param name="Weight">CPU weight against the neighbours, 1 to 10000, 100 is the usual; null for that.</param>
public readonly record struct CpuShare(double? QuotaCores, int? Weight)
{
    /// <summary>The weight of a group that nobody gave one.</summary>
    public const int UsualWeight = 100;

    /// <summary>Quota and weight as a user writes them.</summary>
    /// <param name="quotaPercent">Percent of one core: 200 is two.</param>
    /// <param name="weight">1 to 10000.</param>
    public static CpuShare OfPercent(double? quotaPercent, int? weight) => new(quotaPercent / 100, weight);
}

/// <summary>A quota as the kernel takes it: CPU time in µs that may be used in each period.</summary>
/// <param name="QuotaUs">In µs; −1 for no limit.</param>
/// <param name="PeriodUs">In µs, 1 000 to 1 000 000.</param>
/// <remarks>
/// The period is 100 ms, the default of the kernel and of systemd: one µs of it is 0.001 % of a core, fine enough for every share, and the kernel deals
/// a quota out to the CPUs in slices of 5 ms (sched_cfs_bandwidth_slice_us), so that with a much shorter period what is left over of slices would
/// distort the shares. A quota under the kernel's least, 1 ms, needs a longer period; the longest is 1 s, and with it the least quota 0.001 cores
/// (Documentation/scheduler/sched-bwc.rst).
/// </remarks>
public readonly record struct CpuBandwidth(long QuotaUs, long PeriodUs)
{
    /// <summary>The period of every quota that does not need a longer one, in µs.</summary>
    public const long UsualPeriodUs = 100_000;

    private const long LongestPeriodUs = 1_000_000;
    private const long LeastQuotaUs = 1_000;

    /// <summary>No limit.</summary>
    public static CpuBandwidth Unlimited { get; } = new(-1, UsualPeriodUs);

    /// <summary>The bandwidth nearest to a quota.</summary>
    /// <param name="cores">In cores; null for no limit.</param>
    public static CpuBandwidth Of(double? cores)
    {
        if (cores is not { } wanted)
        {
            return Unlimited;
        }

        var periodUs = wanted * UsualPeriodUs >= LeastQuotaUs
            ? UsualPeriodUs
            : (long)Math.Clamp(Math.Ceiling(LeastQuotaUs / Math.Max(wanted, double.Epsilon)), UsualPeriodUs, LongestPeriodUs);
        return new CpuBandwidth(Math.Max(LeastQuotaUs, (long)Math.Round(wanted * periodUs)), periodUs);
    }
}
