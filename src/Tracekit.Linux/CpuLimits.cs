using System.Globalization;
using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>A control group of our own that limits the CPU time of what is put in, and is removed with this object.</summary>
public sealed class CpuLimits : IDisposable
{
    private const int PeriodUs = 100_000;
    private const int UsualWeight = 100;
    private const int UsualShares = 1024;

    private static int s_made;

    private readonly string? _path;

    private CpuLimits(string? path) => _path = path;

    /// <summary>The group; none where nothing is limited.</summary>
    public IReadOnlyList<CgroupDirectory> Groups => _path is null ? [] : [new CgroupDirectory(_path)];

    /// <summary>Makes the group.</summary>
    /// <param name="quotaPercent">CPU quota in percent of one core; null for none.</param>
    /// <param name="weight">CPU weight, 1 to 10000, 100 is the usual; null for that.</param>
    /// <exception cref="TracekitException">This machine lets us make none: why, and what to do.</exception>
    public static CpuLimits Make(int? quotaPercent, int? weight)
    {
        if (quotaPercent is null && weight is null)
        {
            return new CpuLimits(null);
        }

        var mount = CgroupMount.OfCpu()
            ?? throw new TracekitException("CPU quota and weight need the cgroup CPU controller, which is not mounted here; leave them out, or use --cpuset");
        var path = $"{mount.Path}/tracekit-{Environment.ProcessId}-{Interlocked.Increment(ref s_made)}";
        try
        {
            if (mount.IsVersion2)
            {
                EnableCpuBelow(mount.Path);
            }

            Directory.CreateDirectory(path);
            foreach (var (file, value) in Settings(mount.IsVersion2, quotaPercent, weight))
            {
                File.WriteAllText($"{path}/{file}", value);
            }

            return new CpuLimits(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Remove(path);
            throw new TracekitException($"{path}: cannot make a control group: {e.Message}; run as root or in a delegated group, or leave CPU quota and weight out", e);
        }
    }

    /// <summary>Removes the group. One that still holds a process stays.</summary>
    public void Dispose()
    {
        if (_path is not null)
        {
            Remove(_path);
        }
    }

    /// <summary>The files of a group and what is written to each.</summary>
    internal static IEnumerable<(string File, string Value)> Settings(bool isVersion2, int? quotaPercent, int? weight)
    {
        if (quotaPercent is { } percent)
        {
            var quotaUs = ((long)percent * PeriodUs / 100).ToString(CultureInfo.InvariantCulture);
            yield return isVersion2 ? ("cpu.max", $"{quotaUs} {PeriodUs}") : ("cpu.cfs_quota_us", quotaUs);
        }

        if (weight is { } w)
        {
            yield return isVersion2
                ? ("cpu.weight", w.ToString(CultureInfo.InvariantCulture))
                : ("cpu.shares", Math.Max(2, (long)w * UsualShares / UsualWeight).ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void EnableCpuBelow(string group)
    {
        var control = $"{group}/cgroup.subtree_control";
        if (!File.ReadAllText(control).Contains("cpu", StringComparison.Ordinal))
        {
            File.WriteAllText(control, "+cpu");
        }
    }

    private static void Remove(string path)
    {
        try
        {
            Directory.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It holds a process that outlived its parent, or was never made; an empty group costs nothing.
            _ = e;
        }
    }
}
