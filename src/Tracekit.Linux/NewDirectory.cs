using System.Runtime.InteropServices;
using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>Making a directory that nobody else has made (mkdir(2)).</summary>
public static class NewDirectory
{
    /// <summary>Makes it, with the directories above it; false when it is there already.</summary>
    /// <exception cref="TracekitException">It cannot be made: which, and why.</exception>
    public static bool TryMake(string path)
    {
        const int Exists = 17;
        const uint Mode = 0x1FD; // 0775
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{path}: cannot make the directory: {e.Message}", e);
        }

        return Libc.MkDir(path, Mode) == 0
            || (Marshal.GetLastPInvokeError() == Exists ? false : throw new TracekitException($"{path}: cannot make the directory: {Libc.LastError()}"));
    }
}
