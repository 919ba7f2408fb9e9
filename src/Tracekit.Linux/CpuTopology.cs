using System.Globalization;

namespace Tracekit.Linux;

/// <summary>A logical CPU and where it sits.</summary>
/// <param name="Cpu">Its number.</param>
/// <param name="CoreId">The physical core; unique within its package only. Logical CPUs that share one are hardware threads of it.</param>
/// <param name="PackageId">The socket.</param>
public readonly record struct LogicalCpu(int Cpu, int CoreId, int PackageId);

/// <summary>How this machine's CPUs form cores and packages (sysfs, Documentation/admin-guide/cputopology.rst).</summary>
public static class CpuTopology
{
    /// <summary>The topology of the given CPUs; a CPU whose place is not told counts as a core of its own.</summary>
    public static IReadOnlyList<LogicalCpu> Of(CpuSet cpus) =>
        [.. cpus.Cpus.Select(cpu => new LogicalCpu(cpu, Read(cpu, "core_id") ?? cpu, Read(cpu, "physical_package_id") ?? 0))];

    private static int? Read(int cpu, string file)
    {
        try
        {
            var text = File.ReadAllText($"/sys/devices/system/cpu/cpu{cpu}/topology/{file}");
            return int.Parse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }
}
