using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>The way to limit CPU time that this machine has and lets us use.</summary>
/// <param name="Controller">It.</param>
/// <param name="Refused">The ways before it, each with the reason why not.</param>
/// <remarks>
/// Exclusive tasks are bound by sched_setaffinity(2) with every back end, not by a cpuset group: it is one system call on the held process, needs no right
/// and no second hierarchy. What it cannot do is keep a program from widening its own affinity, which a cpuset would (cpuset(7)); the programs that
/// we run are the user's own and have no reason to.
/// </remarks>
public sealed record CpuBackEnd(ICpuController Controller, IReadOnlyList<string> Refused)
{
    /// <summary>The choice in one line.</summary>
    public string Line => $"cpu binding: {Controller.Description}{(Refused.Count == 0 ? "" : $" (not {string.Join("; not ", Refused)})")}";

    /// <summary>Tries, in this order: cgroup version 2, version 1, systemd scopes. The first that works when really used is taken; else affinity only.</summary>
    /// <param name="below">A control group of the user's to make ours in; null for none in particular.</param>
    public static CpuBackEnd Choose(string? below = null) =>
        Choose([("cgroup v2", () => CgroupV2Cpu.Open(below)), ("cgroup v1", () => CgroupV1Cpu.Open(below)), ("systemd", SystemdScopeCpu.Open)]);

    /// <summary>Tries these.</summary>
    internal static CpuBackEnd Choose(IEnumerable<(string Name, Func<ICpuController> Open)> ways)
    {
        List<string> refused = [];
        foreach (var (name, open) in ways)
        {
            try
            {
                return new CpuBackEnd(open(), refused);
            }
            catch (Exception e) when (e is TracekitException or IOException or UnauthorizedAccessException)
            {
                refused.Add($"{name}: {e.Message}");
            }
        }

        return new CpuBackEnd(new AffinityOnlyCpu(), refused);
    }

    /// <summary>Gives a controller back that has just held a process at half a core; disposes of one that could not.</summary>
    /// <exception cref="TracekitException">It could not: why.</exception>
    internal static ICpuController Probed(ICpuController controller)
    {
        try
        {
            using var group = controller.Create();
            group.SetShare(new CpuShare(Math.Min(0.5, controller.LimitCores ?? 0.5), CpuShare.UsualWeight + 1));
            var held = ProcessSpawn.Hold(new SpawnRequest { Path = "/bin/true", Arguments = ["true"], Environment = [] });
            try
            {
                group.Add(held.Pid);
            }
            finally
            {
                held.Abandon();
                ChildProcess.WaitForEnd(held.Pid, new RunClock(TimeProvider.System));
            }

            return controller;
        }
        catch
        {
            controller.Dispose();
            throw;
        }
    }
}
