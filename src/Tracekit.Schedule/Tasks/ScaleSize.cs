using System.Globalization;

namespace Tracekit.Schedule;

/// <summary>
/// The size that a video is scaled to, as in <c>1920:1080</c>. A side of −1 follows from the other and the aspect ratio, −2 too but even
/// (ffmpeg-filters(1), "scale"). Nothing else of the filter's expression language is let through.
/// </summary>
/// <param name="Width">Width in pixels, or −1 or −2.</param>
/// <param name="Height">Height in pixels, or −1 or −2.</param>
public readonly record struct ScaleSize(int Width, int Height)
{
    /// <summary>The longest side, in pixels: what libx264 takes.</summary>
    public const int MaxSide = 16384;

    /// <summary>Reads <c>W:H</c>; at least one side must be given in pixels.</summary>
    public static bool TryParse(string? text, out ScaleSize size)
    {
        size = default;
        var colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        if (colon < 0 || !TrySide(text.AsSpan(0, colon), out var width) || !TrySide(text.AsSpan(colon + 1), out var height) || (width < 0 && height < 0))
        {
            return false;
        }

        size = new ScaleSize(width, height);
        return true;
    }

    /// <summary>As ffmpeg's scale filter takes it: <c>W:H</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width}:{Height}");

    private static bool TrySide(ReadOnlySpan<char> text, out int side) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out side) && text[0] != '+' && side is -1 or -2 or (>= 1 and <= MaxSide);
}
