using System.Collections.Concurrent;
using System.Threading.Channels;
using Tracekit.Launch;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Schedule.Tests.Roles;

/// <summary>
/// Runs each task as a real program that uses CPU time on several CPUs and never ends by itself, under the limits that its worker gives it.
/// </summary>
internal sealed class BurningRunner(Launcher launcher, ICpuController cpu) : ITaskRunner
{
    private readonly Channel<Burning> _started = Channel.CreateUnbounded<Burning>();

    public ConcurrentQueue<Invocation> Ended { get; } = new();

    /// <summary>The next task that was started; waits for it.</summary>
    public Task<Burning> NextStartedAsync() => _started.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    public async Task<Invocation> RunAsync(TaskSpec task, TaskPlacement placement, CancellationToken cancellation)
    {
        using var limits = TaskLimits.Make(cpu, placement);
        Assert.Null(limits.Fault);
        var program = launcher.Start(limits.Apply(new LaunchRequest
        {
            Program = "sh",
            Arguments = ["-c", "while :; do :; done & while :; do :; done & while :; do :; done"],
            CpuUnits = task.CpuUnits,
        }));
        placement.Started(program.Pid, 0);
        _started.Writer.TryWrite(new Burning(placement, program));
        await using var end = cancellation.Register(() => program.Send(Signals.Kill));
        var invocation = await program.Completion;
        Assert.Null(placement.ShareFault);
        Ended.Enqueue(invocation);
        return invocation;
    }

    public Task<Invocation> RefuseAsync(TaskSpec task, string node, string reason, CancellationToken cancellation) => throw new InvalidOperationException(reason);
}

/// <summary>A program that burns.</summary>
internal sealed record Burning(TaskPlacement Placement, RunningProgram Program)
{
    /// <summary>It and what it forked.</summary>
    public IReadOnlyList<int> Pids =>
        [Program.Pid, .. File.ReadAllText($"/proc/{Program.Pid}/task/{Program.Pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];

    /// <summary>The CPUs that each of them may use, as the kernel says.</summary>
    public IEnumerable<CpuSet> AllowedCpus() => Pids
        .Select(pid => File.ReadLines($"/proc/{pid}/status").Single(l => l.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)))
        .Select(line => CpuSet.Parse(line.Split('\t')[1]));
}
