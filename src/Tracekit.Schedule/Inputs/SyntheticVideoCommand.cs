using System.Globalization;

namespace Tracekit.Schedule;

/// <summary>
/// The ffmpeg arguments that make a synthetic video: H.264, yuv420p, a key frame every <see cref="GopFrames"/> frames, 8 Mbit/s at 1080p30 (at
/// another size or rate as many bits a pixel). The same video and the same build of ffmpeg give the same file on every machine.
/// </summary>
/// <remarks>
/// Measured with ffmpeg 5.1 and x264 164 on two cores, 3 s at 1080p30: every pattern with every noise comes to 7.7 to 8.6 Mbit/s by <c>-b:v</c>, <c>-maxrate</c> and
/// half a second of <c>-bufsize</c> alone; filler (<c>nal-hrd=cbr</c>) changed nothing, because even the gradient uses what it is given. Preset
/// ultrafast took 0.6 s (moving) to 3.5 s (mandelbrot) of CPU time a video; veryfast up to twice as long. The plasma is computed at a sixth of the size and the
/// Mandelbrot set at a third, and scaled up: at full size a second of them took 3.5 s and 1.4 s before any encoding, this way 0.2 s and 0.6 s.
/// The encoder gets one thread: with more and a rate limit, a few in a hundred of x264's outputs differed from the rest.
/// </remarks>
public static class SyntheticVideoCommand
{
    /// <summary>Bits a second at 1080p30.</summary>
    public const int BitsPerSecond1080p30 = 8_000_000;

    /// <summary>Frames from one key frame to the next.</summary>
    public const int GopFrames = 90;

    /// <summary>Threads of the encoder; filters run beside it.</summary>
    public const int EncoderThreads = 1;

    private const int MinBitsPerSecond = 50_000;

    /// <summary>The arguments; the video goes to <paramref name="output"/>, progress to standard output as <see cref="FfmpegProgress"/> reads it.</summary>
    public static IReadOnlyList<string> Arguments(SyntheticVideo video, string output)
    {
        var bits = BitsPerSecond(video);
        return
        [
            "-nostdin", "-y", "-hide_banner", "-loglevel", "error", "-nostats", "-progress", "pipe:1",
            "-f", "lavfi", "-i", Source(video),
            "-t", Text(video.DurationS),
            "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-threads:v", Text(EncoderThreads),
            "-g", Text(GopFrames), "-keyint_min", Text(GopFrames), "-sc_threshold", "0",
            "-b:v", Text(bits), "-maxrate", Text(bits), "-bufsize", Text(bits / 2),
            "-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1",
            FfmpegCommand.PlainFile(output),
        ];
    }

    /// <summary>The bit rate aimed at.</summary>
    public static long BitsPerSecond(SyntheticVideo video) =>
        Math.Max(MinBitsPerSecond, (long)BitsPerSecond1080p30 * video.Width * video.Height * video.FramesPerSecond / (1920L * 1080 * 30));

    private static string Source(SyntheticVideo video)
    {
        var random = new SplitMix64(video.Seed);
        var size = $"s={video.Width}x{video.Height}:r={video.FramesPerSecond}";
        var up = $"scale={video.Width}:{video.Height}";
        var pattern = video.Pattern switch
        {
            VideoPattern.Gradient => $"gradients={size}:n=4:speed=0.01:seed={Draw(random)}:{Colours(random)}",
            VideoPattern.Noise => $"color=c=gray:{size},noise=alls=60:allf=t+u:all_seed={Draw(random)}",
            VideoPattern.Moving => $"testsrc2={size},hue=h={random.Below(360)}",
            VideoPattern.Mandelbrot =>
                $"mandelbrot=s={Part(video.Width, 3)}x{Part(video.Height, 3)}:r={video.FramesPerSecond}:end_pts={Text(Math.Ceiling(video.DurationS * video.FramesPerSecond) + 1)}" +
                $":start_scale={Text(1 + (random.Below(2000) / 1000.0))},{up}",
            _ => $"nullsrc=s={Part(video.Width, 6)}x{Part(video.Height, 6)}:r={video.FramesPerSecond},geq={Waves(random)},{up}",
        };
        return pattern + Grain(video.Noise, random);
    }

    // The filter's seed sets the places only; colours that are not given differ from run to run.
    private static string Colours(SplitMix64 random) => string.Join(':', Enumerable.Range(0, 4).Select(i => $"c{i}=0x{random.Below(1 << 24):X6}"));

    // Three travelling waves with phases of the seed's.
    private static string Waves(SplitMix64 random) =>
        $"lum='128+64*sin(X/16+T*2+{Phase(random)})+63*sin((X+Y)/24+T+{Phase(random)})'" +
        $":cb='128+100*sin(X/30+T+{Phase(random)})':cr='128+100*cos(Y/30+T+{Phase(random)})'";

    // Converted first: on four RGB planes the grain would more than double the work.
    private static string Grain(VideoNoise noise, SplitMix64 random) => noise switch
    {
        VideoNoise.Low => $",format=yuv420p,noise=alls=8:allf=t:all_seed={Draw(random)}",
        VideoNoise.Medium => $",format=yuv420p,noise=alls=20:allf=t:all_seed={Draw(random)}",
        _ => "",
    };

    private static string Phase(SplitMix64 random) => Text(random.Below(6283) / 1000.0);

    // The filters take seeds of 31 bits.
    private static ulong Draw(SplitMix64 random) => random.Next() >> 33;

    private static int Part(int side, int divisor) => Math.Max(16, side / divisor / 2 * 2);

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
