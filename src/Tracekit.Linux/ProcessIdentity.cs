using System.Globalization;
using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>
/// A process by a name that is never given twice: its pid, when it started, and the boot in which it did. A pid alone goes to another process in time.
/// </summary>
/// <param name="Pid">Process id.</param>
/// <param name="StartTimeTicks">When it started, in clock ticks since boot (proc_pid_stat(5) field 22).</param>
/// <param name="BootId">The boot (<c>/proc/sys/kernel/random/boot_id</c>), which also tells one machine from another.</param>
public sealed record ProcessIdentity(int Pid, long StartTimeTicks, string BootId)
{
    private static readonly Lazy<string> ThisBoot = new(() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());

    /// <summary>This process.</summary>
    /// <exception cref="TracekitException">/proc does not tell.</exception>
    public static ProcessIdentity Current() => ProcPidStat.Read(Environment.ProcessId) is { } stat
        ? new ProcessIdentity(Environment.ProcessId, stat.StartTimeTicks, ThisBoot.Value)
        : throw new TracekitException($"/proc/{Environment.ProcessId}/stat: cannot read; is /proc mounted?");

    /// <summary>True while that very process runs on this machine.</summary>
    public bool IsAlive() => BootId == ThisBoot.Value && ProcPidStat.Read(Pid) is { HasExited: false } stat && stat.StartTimeTicks == StartTimeTicks;

    /// <summary>Reads what <see cref="ToString"/> writes; null for anything else.</summary>
    public static ProcessIdentity? Parse(string text) =>
        text.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries) is [var pid, var start, var boot]
        && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 1
        && long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var ticks)
        && Guid.TryParseExact(boot, "D", out _)
            ? new ProcessIdentity(number, ticks, boot)
            : null;

    /// <summary>Pid, start time and boot, with a space between.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pid} {StartTimeTicks} {BootId}");
}
