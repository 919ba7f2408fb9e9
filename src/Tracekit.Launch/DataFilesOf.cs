using Tracekit.Model;

namespace Tracekit.Launch;

/// <summary>Finding a program's input and output among its arguments.</summary>
public static class DataFilesOf
{
    /// <summary>
    /// ffmpeg's: what follows the first <c>-i</c>, and the last argument. The output is written under a temporary name unless it is no plain file
    /// (a URL, a pipe, a numbered sequence), or is there already and <c>-y</c> does not say to replace it: that is ffmpeg's to ask.
    /// </summary>
    public static DataFiles Ffmpeg(IReadOnlyList<string> arguments)
    {
        var input = arguments.Zip(arguments.Skip(1)).FirstOrDefault(pair => pair.First == "-i").Second;
        var last = arguments.Count - 1;
        if (last < 0 || (last > 0 && arguments[last - 1] == "-i") || (arguments[last].StartsWith('-') && arguments[last] != "-"))
        {
            return new DataFiles(PlainFile(input), null);
        }

        var output = PlainFile(arguments[last]);
        var mayReplace = arguments.Contains("-y") || (output is not null && !File.Exists(output));
        var isSequence = arguments[last].Contains('%');
        return new DataFiles(PlainFile(input), output, output is not null && mayReplace && !isSequence ? last : -1);
    }

    /// <summary>
    /// Any program's, as the user names them. Where an argument is the output's path, it is written under a temporary name.
    /// </summary>
    public static DataFiles Named(string? input, string? output, IReadOnlyList<string> arguments)
    {
        var index = output is null ? -1 : arguments.ToList().IndexOf(output);
        return new DataFiles(input, output, index);
    }

    /// <summary>The temporary name beside <paramref name="output"/>: hidden, and with the same extension, by which programs choose a format.</summary>
    public static string TemporaryName(string output)
    {
        const int MaxStem = 200;
        var stem = Path.GetFileNameWithoutExtension(output);
        return Path.Combine(Path.GetDirectoryName(output) ?? "", $".{stem[..Math.Min(stem.Length, MaxStem)]}.partial{Path.GetExtension(output)}");
    }

    private static string? PlainFile(string? argument)
    {
        if (argument is null or "-" || argument.Contains("://") || argument.StartsWith("pipe:", StringComparison.Ordinal))
        {
            return null;
        }

        return argument.StartsWith("file:", StringComparison.Ordinal) ? argument["file:".Length..] : argument;
    }
}
