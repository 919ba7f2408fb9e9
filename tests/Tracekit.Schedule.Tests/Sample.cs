namespace Tracekit.Schedule.Tests;

/// <summary>Things that are right, for tests to bend.</summary>
internal static class Sample
{
    public static TaskSpec Task(int seq = 0, int units = 1, double? durationS = null) => new()
    {
        Input = "inputs/a.mp4",
        Output = $"outputs/a_1280x720_h264_veryfast_n{seq:0000}.mp4",
        Scale = "1280:720",
        Vcodec = "h264",
        Preset = "veryfast",
        Crf = 28,
        CpuUnits = units,
        Seq = seq,
        DurationS = durationS,
    };
}
