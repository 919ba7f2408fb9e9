using System.Globalization;

namespace Tracekit.Linux;

/// <summary>The frequency that a core is rated for.</summary>
public static class CpuFrequency
{
    private const string Directory = "/sys/devices/system/cpu/cpu0/cpufreq";

    /// <summary>
    /// In MHz, from the first that is known: cpufreq's base_frequency, the rated frequency in the model name, cpufreq's cpuinfo_max_freq, and
    /// last "cpu MHz", which is only what the core runs at now (in a virtual machine mostly the host's rate). 0 when none is known.
    /// </summary>
    public static int BaseMhz(ProcCpuInfo cpu) =>
        (int)Math.Round(CpuFreqMhz("base_frequency") ?? cpu.NominalMhz ?? CpuFreqMhz("cpuinfo_max_freq") ?? cpu.CurrentMhz ?? 0);

    private static double? CpuFreqMhz(string file)
    {
        try
        {
            return double.Parse(File.ReadAllText(Path.Combine(Directory, file)), CultureInfo.InvariantCulture) / 1000;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }
}
