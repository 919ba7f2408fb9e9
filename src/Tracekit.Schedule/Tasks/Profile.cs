namespace Tracekit.Schedule;

/// <summary>A named kind of task: how to transcode, and the CPU share that it asks for. The fields are those of <see cref="TaskSpec"/>.</summary>
public sealed record Profile
{
    /// <summary>Its name, as <c>--mix</c> has it.</summary>
    public required string Name { get; init; }

    /// <inheritdoc cref="TaskSpec.Scale"/>
    public required string Scale { get; init; }

    /// <inheritdoc cref="TaskSpec.Vcodec"/>
    public required string Vcodec { get; init; }

    /// <inheritdoc cref="TaskSpec.Preset"/>
    public required string Preset { get; init; }

    /// <inheritdoc cref="TaskSpec.Crf"/>
    public int Crf { get; init; } = 28;

    /// <inheritdoc cref="TaskSpec.Vthreads"/>
    public int? Vthreads { get; init; }

    /// <inheritdoc cref="TaskSpec.Fthreads"/>
    public int? Fthreads { get; init; }

    /// <inheritdoc cref="TaskSpec.CpuUnits"/>
    public int CpuUnits { get; init; } = TaskSpec.DefaultCpuUnits;

    /// <inheritdoc cref="TaskSpec.Cpuset"/>
    public string? Cpuset { get; init; }

    /// <inheritdoc cref="TaskSpec.CpuQuota"/>
    public double? CpuQuota { get; init; }

    /// <inheritdoc cref="TaskSpec.CpuWeight"/>
    public int? CpuWeight { get; init; }

    /// <summary>
    /// What a task is when no profile is named: 1280:720 h264 veryfast, crf 28. One unit and no thread options: it fits the smallest node, and
    /// ffmpeg sizes its threads by the cores that it is given.
    /// </summary>
    public static Profile Default { get; } = new() { Name = "default", Scale = "1280:720", Vcodec = "h264", Preset = "veryfast" };

    /// <summary>Everything that is wrong with it; empty when tasks can be made from it.</summary>
    public IReadOnlyList<string> Faults() =>
    [
        .. TaskFaults.OfEncoding(Scale, Vcodec, Preset, Crf, Vthreads, Fthreads),
        .. TaskFaults.OfShare(CpuUnits, Cpuset, CpuQuota, CpuWeight),
    ];
}
