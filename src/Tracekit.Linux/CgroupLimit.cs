namespace Tracekit.Linux;

/// <summary>The CPU quota that groups above one put on it.</summary>
internal static class CgroupLimit
{
    /// <summary>The least quota from a group up to the highest that we see, in cores; null for none.</summary>
    public static double? Of(CgroupMount mount, bool isVersion2) => mount.Upwards().Min(group => QuotaOf(group, isVersion2));

    private static double? QuotaOf(string group, bool isVersion2)
    {
        try
        {
            return CpuShareFiles.ReadQuota(
                isVersion2,
                File.ReadAllText($"{group}/{CpuShareFiles.QuotaFile(isVersion2)}"),
                isVersion2 ? "" : File.ReadAllText($"{group}/cpu.cfs_period_us"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The root group of version 2 has no such file.
            return null;
        }
    }
}
