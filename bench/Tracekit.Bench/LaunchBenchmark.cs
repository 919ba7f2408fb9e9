using System.Diagnostics;
using System.Runtime.InteropServices;
using Tracekit.Launch;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Bench;

/// <summary>
/// From asking for a program to knowing its end: the adapter with everything it does (gate, baseline, sentinel, closing sample, record)
/// against posix_spawn and waitpid of the same program, turn by turn.
/// </summary>
internal static unsafe partial class LaunchBenchmark
{
    private const int Rounds = 400;
    private const int WarmUp = 50;
    private const string Program = "/bin/true";

    public static IEnumerable<BenchRow> Run()
    {
        using var directory = new ScratchDirectory();
        var clock = new RunClock(TimeProvider.System);
        using var recorder = new RunRecorder(new RunDirectory(directory.Path), "bench");
        using var guard = ProcessGroupGuard.Start();
        var launcher = new Launcher(recorder, "bench", Stage.Default, clock, guard.Group);
        var ours = new List<double>();
        var floor = new List<double>();
        for (var i = 0; i < WarmUp + Rounds; i++)
        {
            var since = Stopwatch.GetTimestamp();
            launcher.Start(new LaunchRequest { Program = Program, Arguments = [] }).Completion.Wait();
            var between = Stopwatch.GetTimestamp();
            BareSpawn();
            var end = Stopwatch.GetTimestamp();
            if (i >= WarmUp)
            {
                ours.Add(Stopwatch.GetElapsedTime(since, between).TotalMilliseconds);
                floor.Add(Stopwatch.GetElapsedTime(between, end).TotalMilliseconds);
            }
        }

        var more = Median.Of(ours) - Median.Of(floor);
        yield return new BenchRow(
            $"launch of {Program} to its recorded end, median of {Rounds}",
            $"{Median.Of(ours):0.00} ms",
            $"{Median.Of(floor):0.00} ms (posix_spawn + waitpid)",
            $"+{more:0.00} ms",
            "≤ 2 ms more",
            more <= 2);
    }

    private static void BareSpawn()
    {
        var path = "/bin/true\0"u8;
        fixed (byte* name = path)
        {
            var arguments = stackalloc byte*[2] { name, null };
            var environment = stackalloc byte*[1] { null };
            int pid;
            int status;
            if (PosixSpawn(&pid, name, null, null, arguments, environment) != 0 || WaitPid(pid, &status, 0) != pid)
            {
                throw new InvalidOperationException("posix_spawn failed");
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn")]
    private static partial int PosixSpawn(int* pid, byte* path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "waitpid")]
    private static partial int WaitPid(int pid, int* status, int options);
}
