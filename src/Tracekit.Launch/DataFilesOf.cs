namespace Tracekit.Launch;

/// <summary>Finding a program's input and output among its arguments. Pure: what is on the disk is looked at by <see cref="OutputFile"/>.</summary>
public static class DataFilesOf
{
    // Options of ffmpeg after which the output may stand; every other option may take it for its value.
    private static readonly HashSet<string> Switches =
    [
        "-y", "-n", "-an", "-vn", "-sn", "-dn", "-shortest", "-nostdin", "-hide_banner", "-nostats", "-stats", "-copyts", "-start_at_zero", "-bitexact",
        "-ignore_unknown", "-report", "-benchmark", "-re", "-xerror",
    ];

    // Muxers that write what they are told to and nothing beside it, so that a finished file can be renamed.
    private static readonly HashSet<string> SingleFileExtensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".mp4", ".m4v", ".m4a", ".mov", ".mkv", ".mka", ".webm", ".avi", ".ts", ".mts", ".mpg", ".mpeg", ".wmv", ".flv", ".gif", ".3gp", ".ogv", ".nut",
        ".mp3", ".aac", ".ac3", ".flac", ".wav", ".ogg", ".opus", ".h264", ".264", ".h265", ".hevc", ".265", ".y4m", ".yuv",
    };

    private static readonly HashSet<string> ManyFileMuxers =
        ["hls", "dash", "tee", "segment", "stream_segment", "ssegment", "null", "image2", "rtp", "rtsp", "rtp_mpegts", "smoothstreaming", "hds"];

    /// <summary>
    /// ffmpeg's: what follows the first <c>-i</c>, and the last argument, when that can only be an output file. The output is to be written under a
    /// temporary name where it is one plain file and no input; ffmpeg refuses an output that is its input, and shall see it.
    /// </summary>
    public static DataFiles Ffmpeg(IReadOnlyList<string> arguments)
    {
        var inputs = arguments.Zip(arguments.Skip(1)).Where(pair => pair.First == "-i").Select(pair => PlainFile(pair.Second)).ToList();
        var input = inputs.FirstOrDefault();
        var last = arguments.Count - 1;
        var output = last >= 0 && IsOutput(arguments, last) ? PlainFile(arguments[last]) : null;
        if (output is null)
        {
            return new DataFiles(input, null);
        }

        var formats = arguments.Zip(arguments.Skip(1)).Where(pair => pair.First == "-f").Select(pair => pair.Second);
        var isOneFile = SingleFileExtensions.Contains(Path.GetExtension(output)) && !output.Contains('%') && !formats.Any(ManyFileMuxers.Contains);
        var isInput = inputs.OfType<string>().Any(i => Path.GetFullPath(i) == Path.GetFullPath(output));
        return new DataFiles(input, output, isOneFile && !isInput ? last : -1, MayReplace: arguments.Contains("-y"));
    }

    /// <summary>
    /// Any program's, as the user names them. Where an argument is the output's path and no file is there yet, it is written under a temporary name; what
    /// is there may be something that the program appends to.
    /// </summary>
    public static DataFiles Named(string? input, string? output, IReadOnlyList<string> arguments)
    {
        var index = output is null ? -1 : arguments.ToList().IndexOf(output);
        return new DataFiles(input, output, index, MayReplace: false);
    }

    private static bool IsOutput(IReadOnlyList<string> arguments, int last) =>
        !arguments[last].StartsWith('-') && (last == 0 || !arguments[last - 1].StartsWith('-') || Switches.Contains(arguments[last - 1]));

    // What ffmpeg takes for a file and not for a protocol or a device.
    private static string? PlainFile(string argument)
    {
        var colon = argument.IndexOf(':', StringComparison.Ordinal);
        var slash = argument.IndexOf('/', StringComparison.Ordinal);
        return argument.Length == 0 || argument == "-" || (colon >= 0 && (slash < 0 || colon < slash)) ? null : argument;
    }
}
