using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using Tracekit.Linux;
using Tracekit.Schedule;

namespace Tracekit.Bench;

/// <summary>
/// A task starts or ends beside 100 that run: the new shares of all of them, worked out and written to their control groups, against bare write(2) of
/// texts made before to the same files. Every group holds a sleeping process, as a task's group does.
/// </summary>
internal static unsafe partial class CpuShareBenchmark
{
    private const int Tasks = 100;
    private const int Rounds = 100;
    private const int WarmUp = 20;
    private const double Capacity = 64;

    public static IEnumerable<BenchRow> Run()
    {
        var backEnd = CpuBackEnd.Choose();
        using var controller = backEnd.Controller;
        if (!controller.CanLimit || controller is SystemdScopeCpu)
        {
            yield return new BenchRow($"shares of {Tasks} running tasks", "not measured", "", backEnd.Line, "no control groups for us here", true);
            yield break;
        }

        var groups = Enumerable.Range(0, Tasks).Select(_ => controller.Create()).ToArray();
        var sleeping = groups.Select(Occupy).ToArray();
        try
        {
            var (ours, floor) = Measure(groups, Files(controller));
            yield return new BenchRow(
                $"new shares of {Tasks} running tasks ({(controller is CgroupV2Cpu ? "cgroup v2" : "cgroup v1")}), median of {Rounds}",
                $"{ours:0.000} ms",
                $"{floor:0.000} ms (write(2) to the same files)",
                $"{1000 * ours / Tasks:0.0} µs a task, × {ours / floor:0.0}",
                "≤ 1 ms in all, a hundredth of a quota period",
                ours <= 1);
        }
        finally
        {
            foreach (var pid in sleeping)
            {
                Signals.Send(pid, Signals.Kill);
                ChildProcess.WaitForEnd(pid, new Model.RunClock(TimeProvider.System));
            }

            foreach (var group in groups)
            {
                group.Dispose();
            }
        }
    }

    private static (double OursMs, double FloorMs) Measure(ICpuGroup[] groups, string[] files)
    {
        TaskDemand[] demands = [.. Enumerable.Range(0, Tasks).Select(i => new TaskDemand(1 + (i % 4), null))];
        var fds = files.Select(f => File.OpenHandle(f, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)).ToArray();
        List<double> ours = [];
        List<double> floor = [];
        for (var round = 0; round < WarmUp + Rounds; round++)
        {
            // The 101st comes and goes, so that every share changes every time. The floor writes the shares of the other case.
            TaskDemand[] running = round % 2 == 0 ? demands : [.. demands, new TaskDemand(4, null)];
            var texts = Texts(TaskShares.Quotas(Capacity, round % 2 == 0 ? [.. demands, new TaskDemand(4, null)] : demands), files[0]);
            var since = Stopwatch.GetTimestamp();
            var quotas = TaskShares.Quotas(Capacity, running);
            for (var i = 0; i < Tasks; i++)
            {
                groups[i].SetShare(new CpuShare(quotas[i], CpuShare.UsualWeight));
            }

            var between = Stopwatch.GetTimestamp();
            for (var i = 0; i < Tasks; i++)
            {
                fixed (byte* text = texts[i])
                {
                    if (Write((int)fds[i].DangerousGetHandle(), text, (nuint)texts[i].Length) < 0)
                    {
                        throw new InvalidOperationException($"{files[i]}: write failed");
                    }
                }
            }

            var end = Stopwatch.GetTimestamp();
            if (round >= WarmUp)
            {
                ours.Add(Stopwatch.GetElapsedTime(since, between).TotalMilliseconds);
                floor.Add(Stopwatch.GetElapsedTime(between, end).TotalMilliseconds);
            }
        }

        Array.ForEach(fds, fd => fd.Dispose());
        return (Median.Of(ours), Median.Of(floor));
    }

    private static byte[][] Texts(double?[] quotas, string file) =>
    [
        .. quotas.Take(Tasks).Select(q => CpuBandwidth.Of(q))
            .Select(b => Encoding.ASCII.GetBytes(file.EndsWith("cpu.max", StringComparison.Ordinal) ? $"{b.QuotaUs} {b.PeriodUs}" : $"{b.QuotaUs}")),
    ];

    private static string[] Files(ICpuController controller)
    {
        var root = controller.Description.Split(" at ")[1].Split(',')[0];
        var name = controller is CgroupV2Cpu ? "cpu.max" : "cpu.cfs_quota_us";
        return [.. Directory.GetDirectories(root).OrderBy(d => int.Parse(System.IO.Path.GetFileName(d), System.Globalization.CultureInfo.InvariantCulture)).Select(d => System.IO.Path.Combine(d, name))];
    }

    private static int Occupy(ICpuGroup group)
    {
        var held = ProcessSpawn.Hold(new SpawnRequest { Path = Executable.Require("sleep", "install coreutils"), Arguments = ["sleep", "1000"], Environment = [] });
        group.Add(held.Pid);
        _ = held.Release();
        return held.Pid;
    }

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int fd, byte* bytes, nuint count);
}
