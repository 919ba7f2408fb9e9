using System.Globalization;

namespace Tracekit.Linux;

/// <summary>Where a logical CPU sits: CPUs of one package and core are hardware threads of the same physical core.</summary>
/// <param name="Cpu">Logical CPU number.</param>
/// <param name="CoreId">Core within its package.</param>
/// <param name="PackageId">Socket.</param>
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
