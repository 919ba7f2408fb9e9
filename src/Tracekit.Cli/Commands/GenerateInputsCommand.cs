using System.CommandLine;
using System.Globalization;
using Tracekit.Cli.Options;
using Tracekit.Linux;
using Tracekit.Model;
using Tracekit.Schedule;

namespace Tracekit.Cli.Commands;

/// <summary><c>tracekit generate-inputs</c>: synthetic videos to transcode.</summary>
internal sealed class GenerateInputsCommand : Command
{
    private readonly Option<string> _output = Flag.PathOr("--output", "inputs/ffmpeg", "directory for the videos");
    private readonly Option<int> _count = Flag.Whole("--count", 3, 1, SyntheticVideoPlan.MaxCount, "how many videos");
    private readonly Option<string> _durations = Flag.TextOr("--durations", "10", "their lengths in seconds, in turn, as in 5,10,30");
    private readonly Option<int> _seed = Flag.Whole("--seed", 0, 0, int.MaxValue, "seed of what is random in them");
    private readonly Option<string> _size = Flag.TextOr("--size", "1920x1080", "width and height in pixels");
    private readonly Option<int> _fps = Flag.Whole("--fps", 30, 1, 240, "frames a second");
    private readonly Option<bool> _overwrite = Flag.Switch("--overwrite", "make videos anew that are there");

    public GenerateInputsCommand()
        : base("generate-inputs", "make synthetic test videos: H.264, about 8 Mbit/s at 1080p30")
    {
        foreach (Option option in (Option[])[_output, _count, _durations, _seed, _size, _fps, _overwrite])
        {
            Options.Add(option);
        }

        SetAction(Run);
    }

    private async Task<int> Run(ParseResult result, CancellationToken cancellation)
    {
        Executable.Require("ffmpeg", "install ffmpeg (Debian, Ubuntu: apt-get install ffmpeg)");
        var (width, height) = SyntheticVideoPlan.ParseSize(result.GetValue(_size)!);
        var plan = SyntheticVideoPlan.Make(new SyntheticVideoOptions
        {
            Count = result.GetValue(_count),
            DurationsS = Durations(result.GetValue(_durations)!),
            Seed = (ulong)result.GetValue(_seed),
            Width = width,
            Height = height,
            FramesPerSecond = result.GetValue(_fps),
        });
        using var interrupt = InterruptSignal.Listen();
        using var guard = ProcessGroupGuard.Start();
        var runner = new Launch.ProgramRunner(guard.Group);
        using var bar = new VideoBar();
        var generator = new VideoGenerator(
            async (program, arguments, onLine, token) =>
            {
                var ended = await runner.RunAsync(program, arguments, onLine, token).ConfigureAwait(false);
                return new ProgramExit(ended.ExitCode, ended.ErrorTail);
            },
            bar.Show);
        foreach (var path in await generator.RunAsync(plan, result.GetValue(_output)!, result.GetValue(_overwrite), interrupt.Token).ConfigureAwait(false))
        {
            Console.WriteLine(path);
        }

        return 0;
    }

    private static double[] Durations(string text) => [.. text.Split(',').Select(part =>
        double.TryParse(part, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? seconds
            : throw new UsageException($"--durations '{Printable.Line(text)}': give seconds, separated by commas, as in 5,10,30"))];

    /// <summary>A bar on a terminal; elsewhere one line a video.</summary>
    private sealed class VideoBar : IDisposable
    {
        private const int Width = 30;

        private readonly Lock _lock = new();
        private readonly bool _isTerminal = !Console.IsErrorRedirected;

        public void Show(VideoProgress progress)
        {
            lock (_lock)
            {
                var done = (int)(progress.Fraction * Width);
                var name = $"{progress.Index + 1}/{progress.Count} {progress.Video.FileName}";
                if (_isTerminal)
                {
                    var end = progress.Fraction >= 1 ? (progress.Kept ? " kept\n" : " done\n") : "     ";
                    Console.Error.Write($"\r{new string('━', done)}{new string('╌', Width - done)} {progress.Fraction,4:0%} {name}{end}");
                }
                else if (progress.Fraction >= 1)
                {
                    Console.Error.WriteLine($"{name} {(progress.Kept ? "kept" : "done")}");
                }
            }
        }

        public void Dispose()
        {
            if (_isTerminal)
            {
                Console.Error.Write("\r");
            }
        }
    }
}
