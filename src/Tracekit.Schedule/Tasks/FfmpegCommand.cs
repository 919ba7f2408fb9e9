using System.Globalization;

namespace Tracekit.Schedule;

/// <summary>The arguments of ffmpeg for a task, in the order that the contracts fix (section 4).</summary>
/// <remarks>
/// ffmpeg takes an output that starts with '-' for an option, and a path such as <c>concat:a|b</c>, <c>http://host/x</c> or
/// <c>subfile,,start,0,end,9,,:x</c> for a protocol. A relative path that starts with '-' or has a ':' in it is therefore given as <c>./path</c>:
/// '/' cannot stand in a protocol name, so what follows is a plain file. Every other path is passed as it is.
/// What a playlist inside the input file refers to is ffmpeg's business; the extensions taken from an input directory leave playlists out.
/// </remarks>
public static class FfmpegCommand
{
    /// <summary>The program.</summary>
    public const string Program = "ffmpeg";

    /// <summary>
    /// <c>-i INPUT -vf scale=S -c:v libx264|libx265 -preset P -crf C [-threads:v N] [-filter_threads N] -c:a copy OUTPUT</c>. The thread options
    /// are left out where the task has none or 0.
    /// </summary>
    /// <exception cref="Model.TracekitException">The task is not valid: <see cref="TaskSpec.Validate"/>.</exception>
    public static IReadOnlyList<string> Arguments(TaskSpec task)
    {
        task.Validate();
        return
        [
            "-i", PlainFile(task.Input),
            "-vf", $"scale={task.Scale}",
            "-c:v", task.Vcodec == "hevc" ? "libx265" : "libx264",
            "-preset", task.Preset,
            "-crf", Text(task.Crf),
            .. Option("-threads:v", task.Vthreads),
            .. Option("-filter_threads", task.Fthreads),
            "-c:a", "copy",
            PlainFile(task.Output),
        ];
    }

    /// <summary>The path in a form that ffmpeg can only take for a file.</summary>
    public static string PlainFile(string path) =>
        path.StartsWith('-') || (path.Contains(':', StringComparison.Ordinal) && !path.StartsWith('/')) ? $"./{path}" : path;

    private static IEnumerable<string> Option(string name, int? count) => count > 0 ? [name, Text(count.Value)] : [];

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
