using System.Diagnostics;

namespace Tracekit.Schedule.Tests.Inputs;

/// <summary>Runs real programs for tests.</summary>
internal static class RealProgram
{
    public static async Task<ProgramExit> RunAsync(string program, IReadOnlyList<string> arguments, Action<string> onStdoutLine, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var stderr = process.StandardError.ReadToEndAsync(cancellation);
        while (await process.StandardOutput.ReadLineAsync(cancellation) is { } line)
        {
            onStdoutLine(line);
        }

        await process.WaitForExitAsync(cancellation);
        return new ProgramExit(process.ExitCode, await stderr);
    }

    public static async Task<string> OutputOfAsync(string program, params string[] arguments)
    {
        List<string> lines = [];
        var exit = await RunAsync(program, arguments, lines.Add, default);
        Assert.Equal((0, ""), (exit.ExitCode, exit.StderrTail));
        return string.Join('\n', lines);
    }
}
