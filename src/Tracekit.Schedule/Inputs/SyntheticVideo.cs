namespace Tracekit.Schedule;

/// <summary>What a synthetic video shows.</summary>
public enum VideoPattern
{
    /// <summary>A slowly turning gradient of four colours: hardly anything to encode.</summary>
    Gradient,

    /// <summary>Fresh noise in every frame: nothing to predict.</summary>
    Noise,

    /// <summary>A test card with moving parts: sharp edges, little motion.</summary>
    Moving,

    /// <summary>A zoom into the Mandelbrot set: everything moves.</summary>
    Mandelbrot,

    /// <summary>Soft colour waves: smooth motion everywhere.</summary>
    Plasma,
}

/// <summary>How much film grain lies over the pattern.</summary>
public enum VideoNoise
{
    /// <summary>None.</summary>
    None,

    /// <summary>A little.</summary>
    Low,

    /// <summary>Clearly visible.</summary>
    Medium,
}

/// <summary>One synthetic video to make.</summary>
/// <param name="FileName">Its name, as in <c>gen_000_gradient_none_10s.mp4</c>.</param>
/// <param name="Pattern">What it shows.</param>
/// <param name="Noise">How grainy.</param>
/// <param name="DurationS">Its length in seconds.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="FramesPerSecond">Frame rate.</param>
/// <param name="Seed">Seed of what is random in it.</param>
public sealed record SyntheticVideo(
    string FileName, VideoPattern Pattern, VideoNoise Noise, double DurationS, int Width, int Height, int FramesPerSecond, ulong Seed);
