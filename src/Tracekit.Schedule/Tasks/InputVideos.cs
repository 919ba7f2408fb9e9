using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>The videos of an input directory.</summary>
public static class InputVideos
{
    /// <summary>The most files that are looked at in a directory.</summary>
    public const int MaxFiles = 100_000;

    /// <summary>What a video's name ends in, upper or lower case.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".mp4", ".mkv", ".mov", ".webm", ".avi", ".m4v", ".ts"];

    /// <summary>The paths of the videos right in <paramref name="directory"/>, in ordinal order of their names.</summary>
    /// <exception cref="UsageException">There is no such directory, it cannot be read, or no video is in it.</exception>
    public static IReadOnlyList<string> In(string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw new UsageException($"{directory}: no such directory of inputs; make test videos with: tracekit generate-inputs --output {directory}");
        }

        var videos = Select(NamesIn(directory));
        return videos.Count > 0
            ? [.. videos.Select(name => Path.Combine(directory, name))]
            : throw new UsageException(
                $"{directory}: no video in it ({string.Join(' ', Extensions)}); make test videos with: tracekit generate-inputs --output {directory}");
    }

    /// <summary>The names that are videos, in ordinal order. Hidden files and unfinished ones (<c>*.partial.*</c>) are left out.</summary>
    public static IReadOnlyList<string> Select(IEnumerable<string> names) => [.. names.Where(IsVideo).Order(StringComparer.Ordinal)];

    private static bool IsVideo(string name) =>
        !name.StartsWith('.')
        && !name.Contains(".partial.", StringComparison.OrdinalIgnoreCase)
        && Extensions.Contains(Path.GetExtension(name), StringComparer.OrdinalIgnoreCase);

    private static string[] NamesIn(string directory)
    {
        try
        {
            string[] names = [.. Directory.EnumerateFiles(directory).Select(path => Path.GetFileName(path)).Take(MaxFiles + 1)];
            return names.Length <= MaxFiles ? names : throw new UsageException($"{directory}: more than {MaxFiles} files; split the inputs");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{directory}: cannot list the inputs: {e.Message}");
        }
    }
}
