using System.Globalization;
using System.Text.RegularExpressions;

namespace Tracekit.Linux;

/// <summary>What <c>/proc/cpuinfo</c> says of the CPU.</summary>
/// <param name="Model">"model name" (x86), "Model" or "Hardware" (arm), "cpu model" (mips); null when none is there.</param>
/// <param name="CurrentMhz">"cpu MHz" of the first CPU: its frequency at this moment; null on machines that do not say.</param>
/// <param name="NominalMhz">The frequency in the model name, as in "@ 2.30GHz"; null when it has none.</param>
public readonly partial record struct ProcCpuInfo(string? Model, double? CurrentMhz, double? NominalMhz)
{
    /// <summary>Reads the text of the file.</summary>
    public static ProcCpuInfo Parse(string text)
    {
        string? model = null;
        double? mhz = null;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var colon = line.IndexOf(':');
            if (colon < 0)
            {
                continue;
            }

            var value = line[(colon + 1)..].Trim();
            switch (line[..colon].Trim())
            {
                case "model name" or "Model" or "Hardware" or "cpu model":
                    model ??= value.ToString();
                    break;
                case "cpu MHz" when mhz is null && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0:
                    mhz = number;
                    break;
                default:
                    break;
            }
        }

        return new ProcCpuInfo(model, mhz, Nominal(model));
    }

    private static double? Nominal(string? model)
    {
        var match = NominalFrequency().Match(model ?? "");
        return match.Success
            ? double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * (match.Groups[2].ValueSpan is "GHz" ? 1000 : 1)
            : null;
    }

    [GeneratedRegex(@"@\s*([0-9]+(?:\.[0-9]+)?)\s*(GHz|MHz)")]
    private static partial Regex NominalFrequency();
}
