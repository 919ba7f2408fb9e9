using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>Finding a program as execvp(3) does.</summary>
public static class Executable
{
    private const int ExecuteOk = 1;

    /// <summary>The path of a program: as given when it has a slash, else looked up in <c>PATH</c>; null when there is none to execute.</summary>
    public static string? Find(string program)
    {
        if (program.Contains('/'))
        {
            return IsExecutable(program) ? Path.GetFullPath(program) : null;
        }

        return (Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(d => Path.Combine(d, program))
            .FirstOrDefault(IsExecutable);
    }

    /// <summary>The path of a program.</summary>
    /// <exception cref="UsageException">There is none; <paramref name="hint"/> says how to get it.</exception>
    public static string Require(string program, string hint) =>
        Find(program) ?? throw new UsageException($"{Printable.Line(program)}: no such program; {hint}");

    private static bool IsExecutable(string path) => File.Exists(path) && Libc.Access(path, ExecuteOk) == 0;
}
