using System.Globalization;

namespace Tracekit.Linux;

/// <summary>
/// Calls to systemd's manager as arguments of busctl(1): method, signature, values (org.freedesktop.systemd1(5)). Pure. No value passes a shell.
/// </summary>
internal static class SystemdCall
{
    private const string Infinity = "18446744073709551615";
    private const double UsPerS = 1_000_000;

    /// <summary>Makes a scope unit around an existing process. systemd moves it and answers at once; the move follows (a job).</summary>
    /// <param name="unit">Name of the unit, ending in <c>.scope</c>; refused if there is one (mode <c>fail</c>).</param>
    /// <param name="pid">The process.</param>
    /// <param name="share">Its share.</param>
    /// <param name="user">True for the user's own manager.</param>
    public static IReadOnlyList<string> StartScope(string unit, int pid, CpuShare share, bool user)
    {
        string[] properties =
        [
            "Description", "s", "tracekit task",
            "CollectMode", "s", "inactive-or-failed",
            "PIDs", "au", "1", pid.ToString(CultureInfo.InvariantCulture),
            .. Properties(share),
        ];
        return [.. Call(user, "StartTransientUnit"), "ssa(sv)a(sa(sv))", unit, "fail", "6", .. properties, "0"];
    }

    /// <summary>Changes the share of a running scope, until it ends.</summary>
    public static IReadOnlyList<string> SetShare(string unit, CpuShare share, bool user) =>
        [.. Call(user, "SetUnitProperties"), "sba(sv)", unit, "true", "3", .. Properties(share)];

    /// <summary>Kills every process of a unit.</summary>
    public static IReadOnlyList<string> Kill(string unit, bool user) =>
        [.. Call(user, "KillUnit"), "ssi", unit, "all", Signals.Kill.ToString(CultureInfo.InvariantCulture)];

    /// <summary>Name of the scope of a task: its own name where it has one.</summary>
    /// <param name="unitName">As the task has it, with or without <c>.scope</c> or <c>.service</c>; null for none.</param>
    /// <param name="owner">Who makes it.</param>
    /// <param name="number">Which of the owner's it is.</param>
    public static string ScopeName(string? unitName, CgroupOwner owner, int number)
    {
        var stem = unitName ?? string.Create(CultureInfo.InvariantCulture, $"{owner}-{number}");
        foreach (var suffix in (string[])[".scope", ".service"])
        {
            stem = stem.EndsWith(suffix, StringComparison.Ordinal) ? stem[..^suffix.Length] : stem;
        }

        return stem + ".scope";
    }

    // CPUQuotaPerSecUSec is CPU time in µs per second; systemd chooses the period by itself unless it is told.
    private static string[] Properties(CpuShare share)
    {
        var bandwidth = CpuBandwidth.Of(share.QuotaCores);
        var quota = bandwidth.QuotaUs < 0 ? Infinity : Number(Math.Round(bandwidth.QuotaUs * UsPerS / bandwidth.PeriodUs));
        return
        [
            "CPUQuotaPerSecUSec", "t", quota,
            "CPUQuotaPeriodUSec", "t", Number(bandwidth.PeriodUs),
            "CPUWeight", "t", Number(share.Weight ?? CpuShare.UsualWeight),
        ];
    }

    private static string[] Call(bool user, string method) =>
    [
        "busctl", .. user ? ["--user"] : Array.Empty<string>(), "--quiet", "--timeout=5", "--", "call",
        "org.freedesktop.systemd1", "/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager", method,
    ];

    private static string Number(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
