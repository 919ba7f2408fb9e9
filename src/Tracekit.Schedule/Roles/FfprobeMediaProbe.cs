using System.Globalization;
using Tracekit.Launch;
using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>Asks ffprobe how long a video is.</summary>
/// <param name="runner">Runs it.</param>
public sealed class FfprobeMediaProbe(Launch.ProgramRunner runner) : IMediaProbe
{
    /// <inheritdoc/>
    public async ValueTask<TimeSpan?> DurationAsync(string path, CancellationToken cancellation)
    {
        double? seconds = null;
        string[] arguments = ["-v", "error", "-show_entries", "format=duration", "-of", "default=noprint_wrappers=1:nokey=1", FfmpegCommand.PlainFile(path)];
        var result = await runner.RunAsync("ffprobe", arguments, line => seconds ??= Parse(line), cancellation).ConfigureAwait(false);
        return result.ExitCode == 0 && seconds is { } s ? TimeSpan.FromSeconds(s) : null;
    }

    private static double? Parse(string line) =>
        double.TryParse(line, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds < TimeSpan.MaxValue.TotalSeconds / 2
            ? seconds
            : null;
}
