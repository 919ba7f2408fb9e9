using System.Text;
using Microsoft.Win32.SafeHandles;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Launch;

/// <summary>How a program that was run for its output ended.</summary>
/// <param name="ExitCode">As a shell gives it.</param>
/// <param name="ErrorTail">The last lines of its standard error.</param>
public readonly record struct ProgramResult(int ExitCode, string ErrorTail);

/// <summary>Runs a program for what it prints; not traced. Such as ffprobe.</summary>
/// <param name="processGroup">The process group that programs join, as in <see cref="SpawnRequest.ProcessGroup"/>.</param>
public sealed class ProgramRunner(int processGroup)
{
    /// <summary>How much of standard error is kept, in characters.</summary>
    public const int ErrorTailLength = 2000;

    private static readonly RunClock Clock = new(TimeProvider.System);

    /// <summary>Runs it to its end; a cancellation ends it with SIGTERM.</summary>
    /// <param name="program">A path, or a name to look up in PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="onOutputLine">Gets each line of its standard output as it comes.</param>
    /// <param name="cancellation">Ends the program.</param>
    /// <exception cref="TracekitException">It could not be started.</exception>
    public async Task<ProgramResult> RunAsync(
        string program, IReadOnlyList<string> arguments, Action<string> onOutputLine, CancellationToken cancellation)
    {
        var path = Executable.Require(program, "install it, or put it on PATH");
        using var nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Read);
        using var output = Pipe.Open();
        using var errors = Pipe.Open();
        var held = ProcessSpawn.Hold(new SpawnRequest
        {
            Path = path,
            Arguments = [program, .. arguments],
            Environment = ProgramEnvironment.With(new Dictionary<string, string>()),
            StandardInput = (int)nothing.DangerousGetHandle(),
            StandardOutput = (int)output.Write.DangerousGetHandle(),
            StandardError = (int)errors.Write.DangerousGetHandle(),
            ProcessGroup = processGroup,
        });
        var startError = held.Release();
        output.Write.Dispose();
        errors.Write.Dispose();

        var ending = Task.Factory.StartNew(
            () => ChildProcess.WaitForEnd(held.Pid, Clock), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await using var end = cancellation.Register(() => Signals.Send(held.Pid, Signals.Terminate)).ConfigureAwait(false);
        var tail = new StringBuilder();
        await Task.WhenAll(
            ReadLines(output.Read, onOutputLine),
            ReadLines(errors.Read, line => Keep(tail, line))).ConfigureAwait(false);
        var status = (await ending.ConfigureAwait(false)).Status;
        cancellation.ThrowIfCancellationRequested();
        return startError is null ? new ProgramResult(status.ExitCode, tail.ToString().Trim()) : throw new TracekitException(startError);
    }

    private static Task ReadLines(SafeFileHandle pipe, Action<string> onLine) => Task.Run(() =>
    {
        using var reader = new StreamReader(new FileStream(pipe, FileAccess.Read, 1), Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            onLine(line);
        }
    });

    private static void Keep(StringBuilder tail, string line)
    {
        tail.AppendLine(line);
        if (tail.Length > 2 * ErrorTailLength)
        {
            tail.Remove(0, tail.Length - ErrorTailLength);
        }
    }
}
