using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit code, or 128 + signal.</param>
/// <param name="StderrTail">The last of what it wrote to standard error.</param>
public readonly record struct ProgramExit(int ExitCode, string StderrTail);

/// <summary>Runs a program to its end. Cancelling ends the program and then throws <see cref="OperationCanceledException"/>.</summary>
/// <param name="program">Its name or path.</param>
/// <param name="arguments">Its arguments.</param>
/// <param name="onStdoutLine">Takes each line of its standard output.</param>
/// <param name="cancellation">Ends it early.</param>
public delegate Task<ProgramExit> ProgramRunner(
    string program, IReadOnlyList<string> arguments, Action<string> onStdoutLine, CancellationToken cancellation);

/// <summary>How far the making of videos is.</summary>
/// <param name="Index">Which video, from 0.</param>
/// <param name="Count">Of how many.</param>
/// <param name="Video">The video.</param>
/// <param name="Fraction">How much of it is done, 0 to 1.</param>
/// <param name="Kept">True when it was there already.</param>
public readonly record struct VideoProgress(int Index, int Count, SyntheticVideo Video, double Fraction, bool Kept);

/// <summary>Makes the videos of a plan, one after the other.</summary>
/// <param name="run">Runs ffmpeg.</param>
/// <param name="onProgress">Takes the progress; null for nobody.</param>
/// <param name="program">The ffmpeg program.</param>
public sealed class VideoGenerator(ProgramRunner run, Action<VideoProgress>? onProgress = null, string program = "ffmpeg")
{
    /// <summary>Makes every video that is not there. A video under its final name is whole: it is written under a <c>.partial.</c> name and renamed.</summary>
    /// <param name="videos">What to make: <see cref="SyntheticVideoPlan.Make"/>.</param>
    /// <param name="directory">Where to; made if it is missing.</param>
    /// <param name="overwrite">True to make videos anew that are there. They are told apart by name only: their seed, size or rate may differ.</param>
    /// <param name="cancellation">Stops; what is finished stays.</param>
    /// <returns>The paths of all videos, in order.</returns>
    /// <exception cref="TracekitException">One could not be made: which, and why.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(
        IReadOnlyList<SyntheticVideo> videos, string directory, bool overwrite, CancellationToken cancellation)
    {
        MakeDirectory(directory);
        List<string> paths = [];
        for (var i = 0; i < videos.Count; i++)
        {
            var path = Path.Combine(directory, videos[i].FileName);
            var progress = new VideoProgress(i, videos.Count, videos[i], 0, Kept: !overwrite && File.Exists(path));
            onProgress?.Invoke(progress);
            if (!progress.Kept)
            {
                await MakeAsync(progress, path, cancellation);
            }

            onProgress?.Invoke(progress with { Fraction = 1 });
            paths.Add(path);
        }

        return paths;
    }

    private async Task MakeAsync(VideoProgress progress, string path, CancellationToken cancellation)
    {
        var partial = Path.ChangeExtension(path, ".partial.mp4");
        try
        {
            var arguments = SyntheticVideoCommand.Arguments(progress.Video, partial);
            var exit = await run(program, arguments, line => Tell(progress, line), cancellation);
            if (exit.ExitCode != 0)
            {
                throw new TracekitException($"{path}: {program} ended with {exit.ExitCode}: {LastLine(exit.StderrTail)}");
            }

            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{path}: cannot put the video in place: {e.Message}", e);
        }
        finally
        {
            TryDelete(partial);
        }
    }

    private void Tell(VideoProgress progress, string line)
    {
        if (onProgress is not null && FfmpegProgress.OutputTime(line) is { } written)
        {
            onProgress(progress with { Fraction = Math.Min(1, written.TotalSeconds / progress.Video.DurationS) });
        }
    }

    private static string LastLine(string text)
    {
        var line = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
        return line is null ? "it did not say why" : Printable.Line(line);
    }

    private static void MakeDirectory(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{directory}: cannot make the directory: {e.Message}", e);
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What is left over has a .partial. name, which nobody takes for an input, and the next attempt writes over it.
            _ = e;
        }
    }
}
