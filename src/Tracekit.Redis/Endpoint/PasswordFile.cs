using System.Text;
using Tracekit.Model;

namespace Tracekit.Redis;

/// <summary>A password in a file of its own. One that every user of the machine may read is refused, as ssh does with keys.</summary>
internal static class PasswordFile
{
    private const int MaxBytes = 4096;

    /// <summary>The text of the file without the line break at its end.</summary>
    public static string Read(string path)
    {
        var name = Printable.Line(path);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);

            // Of the open file, not of the path: what is checked is what is read.
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & UnixFileMode.OtherRead) != 0)
            {
                throw new UsageException($"{name}: every user of this machine may read this password file: chmod o-r it");
            }

            var bytes = new byte[MaxBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > MaxBytes)
            {
                throw new UsageException($"{name}: longer than {MaxBytes} bytes, this is no password file");
            }

            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes, 0, length);
            text = text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
            return text.Length > 0 && !text.Contains('\n')
                ? text
                : throw new UsageException($"{name}: a password file holds one line that is not empty");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"{name}: the password file cannot be read ({e.GetType().Name}): check the path and who may read it");
        }
    }
}
