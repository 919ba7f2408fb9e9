using System.Diagnostics;
using System.Globalization;
using Tracekit.Launch;
using Tracekit.Linux;
using Tracekit.Model;
using Tracekit.Schedule;

namespace Tracekit.Bench;

/// <summary>A scheduler or a worker in a process of its own, for the control plane's benchmarks.</summary>
internal sealed class ControlPlaneRole : IDisposable
{
    /// <summary>First argument of such a process; <c>Main</c> hands the call to <see cref="RunChild"/>.</summary>
    public const string ChildArgument = "--control-plane-child";

    private readonly Process _process;

    private ControlPlaneRole(Process process) => _process = process;

    /// <summary>CPU time that it has used, user and system, in ms.</summary>
    public double CpuMs
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalMilliseconds;
        }
    }

    /// <summary>Starts one and waits until it is ready.</summary>
    public static ControlPlaneRole Start(string role, string url)
    {
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [ChildArgument, role, url])
        { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        var started = new ControlPlaneRole(process);
        return started.ReadLine() == "ready" ? started : throw new InvalidOperationException($"the {role} did not start");
    }

    /// <summary>The next line that it prints: of a worker, when a program started, in ns since the epoch.</summary>
    public string ReadLine() => _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("a role ended early");

    /// <summary>Ends it in good order.</summary>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>What that process does: its role, until its input ends.</summary>
    public static int RunChild(IReadOnlyList<string> arguments)
    {
        using var stop = new CancellationTokenSource();
        var ending = new Thread(() =>
        {
            Console.In.Read();
            stop.Cancel();
        })
        { IsBackground = true };
        ending.Start();
        (arguments[1] == "scheduler" ? ScheduleAsync(arguments[2], stop.Token) : WorkAsync(arguments[2], stop.Token)).GetAwaiter().GetResult();
        return 0;
    }

    private static async Task ScheduleAsync(string url, CancellationToken stop)
    {
        await using var plane = await BenchRedis.PlaneAsync(url);
        Console.WriteLine("ready");
        await new CentralScheduler(plane, HostWeigher.Parse("instances", "max"), Console.Error.WriteLine).RunAsync(stop);
    }

    private static async Task WorkAsync(string url, CancellationToken stop)
    {
        using var directory = new ScratchDirectory();
        using var recorder = new RunRecorder(new RunDirectory(directory.Path), "bench");
        using var guard = ProcessGroupGuard.Start();
        var clock = new RunClock(TimeProvider.System);
        await using var plane = await BenchRedis.PlaneAsync(url);
        var runner = new TrueRunner(new Launcher(recorder, "bench", Stage.Default, clock, guard.Group));
        var worker = new Worker(new WorkerOptions { NodeId = "bench", Topology = [new LogicalCpu(0, 0, 0)] }, plane, runner, clock, Console.Error.WriteLine);
        var running = worker.RunAsync(stop, CancellationToken.None);
        await worker.Registered;
        Console.WriteLine("ready");
        await running;
    }

    /// <summary>Runs /bin/true for every task, through the adapter.</summary>
    private sealed class TrueRunner(Launcher launcher) : ITaskRunner
    {
        public async Task<Invocation> RunAsync(TaskSpec task, TaskPlacement placement, CancellationToken cancellation)
        {
            var program = launcher.Start(new LaunchRequest { Program = "/bin/true", Arguments = [], TsEnqueueMs = task.TsEnqueue });
            Console.WriteLine(program.StartedNs.ToString(CultureInfo.InvariantCulture));
            return await program.Completion;
        }

        public Task<Invocation> RefuseAsync(TaskSpec task, string node, string reason, CancellationToken cancellation) => throw new InvalidOperationException(reason);
    }
}
