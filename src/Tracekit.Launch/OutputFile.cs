using System.Globalization;
using System.Text;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Launch;

/// <summary>
/// An output that has its name only when it is whole: written under a temporary one beside it, and renamed when the program has succeeded. What is no
/// plain file (a device, a FIFO, a symbolic link) is left to the program.
/// </summary>
internal sealed class OutputFile(DataFiles files)
{
    private const int MaxNameBytes = 255;

    private static int s_made;

    private readonly string? _target = files is { OutputArgument: >= 0, Output: not null } && IsOurs(files.Output, files.MayReplace) ? files.Output : null;
    private readonly string _mark = string.Create(CultureInfo.InvariantCulture, $".{Environment.ProcessId}-{Interlocked.Increment(ref s_made)}.partial");

    private string Temporary => Path.Combine(Path.GetDirectoryName(_target!) ?? "", TemporaryName(_target!, _mark));

    /// <summary>Makes the directory, and removes what a killed tracekit left there under a temporary name.</summary>
    /// <exception cref="TracekitException">It cannot be written there.</exception>
    public void Prepare()
    {
        if (_target is null)
        {
            return;
        }

        try
        {
            var directory = Path.GetDirectoryName(Path.GetFullPath(_target))!;
            Directory.CreateDirectory(directory);
            RemoveLeftOvers(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{Printable.Line(_target)}: cannot write there: {e.Message}", e);
        }
    }

    /// <summary>The arguments with the temporary name in the output's place.</summary>
    public IEnumerable<string> Substitute(IReadOnlyList<string> arguments) =>
        _target is null ? arguments : arguments.Select((a, i) => i == files.OutputArgument ? Temporary : a);

    /// <summary>Gives a good output its name, and removes what a failed program left; null, or what went wrong.</summary>
    public string? Finish(bool succeeded)
    {
        if (_target is null)
        {
            return null;
        }

        try
        {
            if (!succeeded)
            {
                File.Delete(Temporary);
                return null;
            }

            if (!File.Exists(Temporary))
            {
                return $"{Printable.Line(_target)}: the program succeeded but wrote no output";
            }

            if (File.Exists(_target))
            {
                File.SetUnixFileMode(Temporary, File.GetUnixFileMode(_target));
            }

            File.Move(Temporary, _target, overwrite: true);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{Printable.Line(_target)}: cannot put the output in place: {e.Message}";
        }
    }

    /// <summary>Size of a file in bytes; null when there is none.</summary>
    public static long? Length(string? path)
    {
        try
        {
            return path is not null && new FileInfo(path) is { Exists: true } file ? file.Length : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>
    /// The temporary name of an output: hidden, this process's own, cut to what a file system takes, and with the same extension, by which programs
    /// choose a format.
    /// </summary>
    /// <param name="output">The output.</param>
    /// <param name="mark">What makes the name our own: <c>.PID-N.partial</c>.</param>
    internal static string TemporaryName(string output, string mark)
    {
        var extension = Path.GetExtension(output);
        var room = MaxNameBytes - 1 - Encoding.UTF8.GetByteCount(mark) - Encoding.UTF8.GetByteCount(extension);
        var stem = new StringBuilder(".");
        foreach (var rune in Path.GetFileNameWithoutExtension(output).EnumerateRunes())
        {
            room -= rune.Utf8SequenceLength;
            if (room < 0)
            {
                break;
            }

            stem.Append(rune.ToString());
        }

        return stem + mark + extension;
    }

    // A name that is free, or a plain file that may be replaced.
    private static bool IsOurs(string output, bool mayReplace) =>
        FileKind.IsRegular(output) ? mayReplace : !Directory.Exists(output) && new FileInfo(output) is { Exists: false, LinkTarget: null };

    private static void RemoveLeftOvers(string directory)
    {
        foreach (var path in Directory.EnumerateFiles(directory, ".*.partial.*", new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = true }))
        {
            var mark = Path.GetFileNameWithoutExtension(path)[..^".partial".Length].Split('.')[^1].Split('-')[0];
            if (int.TryParse(mark, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && !Directory.Exists($"/proc/{pid}"))
            {
                File.Delete(path);
            }
        }
    }
}
