using System.Globalization;
using System.Text.RegularExpressions;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>What is wrong with a task or a profile, one short phrase a fault. Every limit of a field is written here and nowhere else.</summary>
public static partial class TaskFaults
{
    /// <summary>The longest path, in bytes: PATH_MAX less its NUL.</summary>
    public const int MaxPathBytes = 4095;

    /// <summary>The largest constant rate factor.</summary>
    public const int MaxCrf = 51;

    /// <summary>The most threads of an encoder or a filter graph.</summary>
    public const int MaxThreads = 1024;

    /// <summary>The most capacity units of a task.</summary>
    public const int MaxCpuUnits = 65536;

    /// <summary>The largest CPU weight.</summary>
    public const int MaxCpuWeight = 10000;

    /// <summary>The largest CPU quota in percent: every core that <see cref="CpuSet"/> can name.</summary>
    public const double MaxCpuQuota = 100.0 * (CpuSet.MaxCpu + 1);

    /// <summary>The most words of a command.</summary>
    public const int MaxCommandWords = 4096;

    /// <summary>The presets of x264; x265 has the same ones.</summary>
    public static IReadOnlyList<string> Presets { get; } =
        ["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo"];

    /// <summary>The codecs that a task may name.</summary>
    public static IReadOnlyList<string> Vcodecs { get; } = ["h264", "hevc"];

    /// <summary>Everything that is wrong with <paramref name="task"/>; empty when it may run.</summary>
    public static IReadOnlyList<string> Of(TaskSpec task) =>
    [
        .. task.Command is null ? OfTranscode(task) : OfCommand(task, task.Command),
        .. When(task.Id is { } key && !Identifier.IsValid(key), () => $"id {Quote(task.Id!)} is no id"),
        .. When(task.Dispatch is { } dispatch && !Identifier.IsValid(dispatch), () => $"dispatch {Quote(task.Dispatch!)} is no id"),
        .. OfShare(task.CpuUnits, task.Cpuset, task.CpuQuota, task.CpuWeight),
        .. When(task.UnitName is { } unit && !UnitName().IsMatch(unit), () => $"unit_name {Quote(task.UnitName!)} is no systemd unit name"),
        .. When(task.TraceId is { } id && !Guid.TryParseExact(id, "D", out _), () => $"trace_id {Quote(task.TraceId!)} is no UUID"),
        .. When(task.Profile is { } name && !Identifier.IsValid(name), () => $"profile {Quote(task.Profile!)} is no profile name"),
        .. When(task.DurationS is { } s && !(s >= 0 && double.IsFinite(s)), () => "duration_s is no length of time"),
        .. When(task.TsEnqueue < 0, () => "ts_enqueue is before 1970"),
        .. When(task.Seq < 0, () => "_seq is negative"),
    ];

    /// <summary>What is wrong with the encoder settings.</summary>
    public static IEnumerable<string> OfEncoding(string scale, string vcodec, string preset, int crf, int? vthreads, int? fthreads) =>
    [
        .. When(!ScaleSize.TryParse(scale, out _), () => $"scale {Quote(scale)} is not W:H in pixels (1 to {ScaleSize.MaxSide}; one of them may be -1 or -2)"),
        .. When(!Vcodecs.Contains(vcodec), () => $"vcodec {Quote(vcodec)} is not h264 or hevc"),
        .. When(!Presets.Contains(preset), () => $"preset {Quote(preset)} is none of {string.Join(", ", Presets)}"),
        .. OfRange("crf", crf, 0, MaxCrf),
        .. OfRange("vthreads", vthreads, 0, MaxThreads),
        .. OfRange("fthreads", fthreads, 0, MaxThreads),
    ];

    /// <summary>What is wrong with the CPU share.</summary>
    public static IEnumerable<string> OfShare(int cpuUnits, string? cpuset, double? cpuQuota, int? cpuWeight) =>
    [
        .. OfRange("cpu_units", cpuUnits, 1, MaxCpuUnits),
        .. When(cpuset is not null && !CpuSet.TryParse(cpuset, out _), () => $"cpuset {Quote(cpuset!)} is no list of CPUs such as 0-3,6 (0 to {CpuSet.MaxCpu})"),
        .. When(cpuQuota is { } quota && !(quota > 0 && quota <= MaxCpuQuota), () => Invariant($"cpu_quota {cpuQuota} is outside 0 to {MaxCpuQuota} percent")),
        .. OfRange("cpu_weight", cpuWeight, 1, MaxCpuWeight),
    ];

    private static IEnumerable<string> OfTranscode(TaskSpec task) =>
    [
        .. OfPath("input", task.Input),
        .. OfPath("output", task.Output),
        .. When(task.Output.StartsWith('-'), () => $"output {Quote(task.Output)} starts with '-'"),
        .. When(task.Output.EndsWith('/'), () => $"output {Quote(task.Output)} is a directory"),
        .. When(task.Input.Length > 0 && task.Input == task.Output, () => "output is the input"),
        .. OfEncoding(task.Scale, task.Vcodec, task.Preset, task.Crf, task.Vthreads, task.Fthreads),
    ];

    private static IEnumerable<string> OfCommand(TaskSpec task, IReadOnlyList<string> command) =>
    [
        .. When(command.Count == 0 || command[0].Length == 0, () => "command names no program"),
        .. When(command.Count > MaxCommandWords, () => $"command has more than {MaxCommandWords} words"),
        .. When(command.Any(word => word is null || word.Contains('\0', StringComparison.Ordinal)), () => "command has a word that no program can be given"),
        .. task.Input.Length > 0 ? OfPath("input", task.Input) : [],
        .. task.Output.Length > 0 ? OfPath("output", task.Output) : [],
    ];

    private static IEnumerable<string> OfPath(string field, string path) =>
    [
        .. When(path.Length == 0, () => $"{field} is missing"),
        .. When(path.Contains('\0', StringComparison.Ordinal), () => $"{field} has a NUL character in it"),
        .. When(System.Text.Encoding.UTF8.GetByteCount(path) > MaxPathBytes, () => $"{field} is longer than {MaxPathBytes} bytes"),
    ];

    private static IEnumerable<string> OfRange(string field, int? value, int low, int high) =>
        When(value < low || value > high, () => Invariant($"{field} {value} is outside {low} to {high}"));

    private static IEnumerable<string> When(bool wrong, Func<string> fault) => wrong ? [fault()] : [];

    private static string Quote(string text) => $"'{Printable.Line(text)}'";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    // systemd.unit(5): letters, digits and ":-_.\@", at most 255; one that starts with '-' would be an option of systemd-run.
    [GeneratedRegex(@"\A[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]{0,254}\z")]
    private static partial Regex UnitName();
}
