using System.Globalization;
using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>The flags of <c>generate-inputs</c>.</summary>
public sealed record SyntheticVideoOptions
{
    /// <summary>How many videos.</summary>
    public int Count { get; init; } = 6;

    /// <summary>Their lengths in seconds, in turn.</summary>
    public IReadOnlyList<double> DurationsS { get; init; } = [10];

    /// <summary>Seed of what is random in them.</summary>
    public ulong Seed { get; init; }

    /// <summary>Width in pixels, even.</summary>
    public int Width { get; init; } = 1920;

    /// <summary>Height in pixels, even.</summary>
    public int Height { get; init; } = 1080;

    /// <summary>Frame rate.</summary>
    public int FramesPerSecond { get; init; } = 30;
}

/// <summary>Which synthetic videos are made: patterns and amounts of noise in turn, so that a third has none, a third little, a third medium noise.</summary>
public static class SyntheticVideoPlan
{
    /// <summary>The most videos.</summary>
    public const int MaxCount = 10_000;

    /// <summary>The longest video, in seconds.</summary>
    public const double MaxDurationS = 3600;

    /// <summary>The shortest video, in seconds.</summary>
    public const double MinDurationS = 0.1;

    /// <summary>The shortest side, in pixels.</summary>
    public const int MinSide = 64;

    /// <summary>The longest side, in pixels.</summary>
    public const int MaxSide = 7680;

    /// <summary>The highest frame rate.</summary>
    public const int MaxFramesPerSecond = 240;

    private static readonly VideoPattern[] Patterns = Enum.GetValues<VideoPattern>();
    private static readonly VideoNoise[] Noises = Enum.GetValues<VideoNoise>();

    /// <summary>The videos, in order. Five patterns and three noises have no common factor, so fifteen videos show every pair once.</summary>
    /// <exception cref="UsageException">An option is out of range.</exception>
    public static IReadOnlyList<SyntheticVideo> Make(SyntheticVideoOptions options)
    {
        Check(options);
        return [.. Enumerable.Range(0, options.Count).Select(i => Video(options, i))];
    }

    /// <summary>Reads a size such as <c>1920x1080</c>.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static (int Width, int Height) ParseSize(string text)
    {
        var x = text.IndexOf('x', StringComparison.Ordinal);
        return x > 0
            && int.TryParse(text.AsSpan(0, x), NumberStyles.None, CultureInfo.InvariantCulture, out var width)
            && int.TryParse(text.AsSpan(x + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var height)
            ? (width, height)
            : throw new UsageException($"--size '{Printable.Line(text)}': give it as WIDTHxHEIGHT, for example 1920x1080");
    }

    private static SyntheticVideo Video(SyntheticVideoOptions options, int i)
    {
        var pattern = Patterns[i % Patterns.Length];
        var noise = Noises[i % Noises.Length];
        var durationS = options.DurationsS[i % options.DurationsS.Count];
        var name = string.Create(
            CultureInfo.InvariantCulture, $"gen_{i:000}_{pattern.ToString().ToLowerInvariant()}_{noise.ToString().ToLowerInvariant()}_{durationS}s.mp4");
        return new SyntheticVideo(name, pattern, noise, durationS, options.Width, options.Height, options.FramesPerSecond, unchecked(options.Seed + (ulong)i));
    }

    private static void Check(SyntheticVideoOptions options)
    {
        Refuse(options.Count is < 1 or > MaxCount, $"--count {options.Count}: must be 1 to {MaxCount}");
        Refuse(options.DurationsS.Count == 0, "--durations is empty: give seconds, for example 5,10,20");
        foreach (var s in options.DurationsS)
        {
            var text = s.ToString(CultureInfo.InvariantCulture);
            Refuse(!(s is >= MinDurationS and <= MaxDurationS), $"--durations {text}: must be 0.1 to 3600 seconds");
        }

        Refuse(
            IsBadSide(options.Width) || IsBadSide(options.Height),
            $"--size {options.Width}x{options.Height}: both sides must be even and {MinSide} to {MaxSide}");
        Refuse(options.FramesPerSecond is < 1 or > MaxFramesPerSecond, $"--fps {options.FramesPerSecond}: must be 1 to {MaxFramesPerSecond}");
    }

    // yuv420p halves the colour planes in both directions.
    private static bool IsBadSide(int side) => side is < MinSide or > MaxSide || side % 2 != 0;

    private static void Refuse(bool wrong, string message)
    {
        if (wrong)
        {
            throw new UsageException(message);
        }
    }
}
