using System.Globalization;

namespace Tracekit.Linux;

/// <summary>What is written to the files of a CPU control group. Pure.</summary>
internal static class CpuShareFiles
{
    private const int UsualShares = 1024;
    private const int LeastShares = 2;

    /// <summary>The file that takes the quota; the one that is kept open.</summary>
    public static string QuotaFile(bool isVersion2) => isVersion2 ? "cpu.max" : "cpu.cfs_quota_us";

    /// <summary>
    /// The writes that lead from one share to another, in their order: none for what stays as it is, one for another quota. Version 1 has the period
    /// in a file of its own. It is written first when it grows and last when it shrinks, so that in between the group has less than either share
    /// and never more than the group above it, which the kernel would refuse.
    /// </summary>
    /// <param name="isVersion2">Documentation/admin-guide/cgroup-v2.rst, else version 1: Documentation/scheduler/sched-bwc.rst.</param>
    /// <param name="from">What the group has; a new one <c>default</c>.</param>
    /// <param name="to">What it is to have.</param>
    public static IEnumerable<(string File, string Text)> Writes(bool isVersion2, CpuShare from, CpuShare to)
    {
        var (had, gets) = (CpuBandwidth.Of(from.QuotaCores), CpuBandwidth.Of(to.QuotaCores));
        if (had != gets)
        {
            foreach (var write in isVersion2 ? Version2(gets) : Version1(had, gets))
            {
                yield return write;
            }
        }

        var weight = to.Weight ?? CpuShare.UsualWeight;
        if (weight != (from.Weight ?? CpuShare.UsualWeight))
        {
            yield return isVersion2
                ? ("cpu.weight", Text(weight))
                : ("cpu.shares", Text(Math.Max(LeastShares, (long)weight * UsualShares / CpuShare.UsualWeight)));
        }
    }

    /// <summary>The quota that stands in a group's files, in cores; null for none.</summary>
    /// <param name="isVersion2">Whether <paramref name="quota"/> is of cpu.max.</param>
    /// <param name="quota">Text of the quota file.</param>
    /// <param name="periodUs">Text of cpu.cfs_period_us; with version 2 nothing.</param>
    public static double? ReadQuota(bool isVersion2, string quota, string periodUs = "")
    {
        var fields = isVersion2 ? quota.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries) : [quota, periodUs];
        return fields.Length == 2
            && long.TryParse(fields[0], CultureInfo.InvariantCulture, out var quotaUs)
            && long.TryParse(fields[1], CultureInfo.InvariantCulture, out var period)
            && quotaUs > 0 && period > 0
            ? quotaUs / (double)period
            : null;
    }

    private static IEnumerable<(string File, string Text)> Version2(CpuBandwidth gets) =>
        [("cpu.max", $"{(gets.QuotaUs < 0 ? "max" : Text(gets.QuotaUs))} {Text(gets.PeriodUs)}")];

    private static IEnumerable<(string File, string Text)> Version1(CpuBandwidth had, CpuBandwidth gets)
    {
        (string, string) quota = ("cpu.cfs_quota_us", Text(gets.QuotaUs));
        (string, string) period = ("cpu.cfs_period_us", Text(gets.PeriodUs));
        return had.PeriodUs == gets.PeriodUs ? [quota] : gets.PeriodUs > had.PeriodUs ? [period, quota] : [quota, period];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
