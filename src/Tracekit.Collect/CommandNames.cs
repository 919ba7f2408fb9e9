using System.Text;
using System.Text.RegularExpressions;
using Tracekit.Linux;

namespace Tracekit.Collect;

/// <summary>Command names against what is asked for.</summary>
internal static class CommandNames
{
    private const int CutAt = CommandNameBytes.Size - 1;
    private const int CommandLineBytes = 4096;

    /// <summary>The command name of a process; null when it is gone.</summary>
    public static string? Read(int pid)
    {
        Span<byte> text = stackalloc byte[64];
        var length = ProcFile.ReadOnce($"/proc/{pid}/comm", text);
        return length <= 0 ? null : Full(pid, text[..length].TrimEnd((byte)'\n'));
    }

    /// <summary>The name, or where the kernel cut it, the base name of the program or script that begins with it.</summary>
    public static string Full(int pid, ReadOnlySpan<byte> name)
    {
        if (name.Length == CutAt)
        {
            Span<byte> line = stackalloc byte[CommandLineBytes];
            var length = ProcFile.ReadOnce($"/proc/{pid}/cmdline", line);
            return FromCommandLine(name, line[..Math.Max(0, length)]);
        }

        return Encoding.UTF8.GetString(name);
    }

    /// <summary>Of the first two arguments (a script follows its interpreter), the one whose base name begins with <paramref name="name"/>, else the name.</summary>
    public static string FromCommandLine(ReadOnlySpan<byte> name, ReadOnlySpan<byte> commandLine)
    {
        for (var argument = 0; argument < 2 && !commandLine.IsEmpty; argument++)
        {
            var end = commandLine.IndexOf((byte)0);
            var text = end < 0 ? commandLine : commandLine[..end];
            commandLine = end < 0 ? default : commandLine[(end + 1)..];
            var baseName = text[(text.LastIndexOf((byte)'/') + 1)..];
            if (baseName.StartsWith(name))
            {
                return Encoding.UTF8.GetString(baseName);
            }
        }

        return Encoding.UTF8.GetString(name);
    }

    /// <summary>True when the name matches; a pattern that takes too long does not.</summary>
    public static bool IsMatch(Regex? pattern, ReadOnlySpan<char> name)
    {
        try
        {
            return pattern is not null && pattern.IsMatch(name);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
