using Tracekit.Model;

namespace Tracekit.Launch;

/// <summary>An output that has its name only when it is whole: written under a temporary one, and renamed when the program has succeeded.</summary>
internal sealed class OutputFile(DataFiles files)
{
    private readonly string? _target = files.OutputArgument >= 0 ? files.Output : null;

    /// <summary>Makes the directory and removes what a killed program left under the temporary name.</summary>
    public void Prepare()
    {
        if (_target is null)
        {
            return;
        }

        try
        {
            if (Path.GetDirectoryName(_target) is { Length: > 0 } directory)
            {
                Directory.CreateDirectory(directory);
            }

            File.Delete(DataFilesOf.TemporaryName(_target));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{_target}: cannot write there: {e.Message}", e);
        }
    }

    /// <summary>The arguments with the temporary name in the output's place.</summary>
    public IEnumerable<string> Substitute(IReadOnlyList<string> arguments) =>
        _target is null ? arguments : arguments.Select((a, i) => i == files.OutputArgument ? DataFilesOf.TemporaryName(_target) : a);

    /// <summary>Gives a good output its name, and removes what a failed program left; null, or what went wrong.</summary>
    public string? Finish(bool succeeded)
    {
        if (_target is null)
        {
            return null;
        }

        var temporary = DataFilesOf.TemporaryName(_target);
        try
        {
            if (!succeeded)
            {
                File.Delete(temporary);
            }
            else if (File.Exists(temporary))
            {
                File.Move(temporary, _target, overwrite: true);
            }
            else
            {
                return $"{_target}: the program succeeded but wrote no output";
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{_target}: cannot put the output in place: {e.Message}";
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
}
