using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Launch;

/// <summary>
/// The adapter: starts a program under its limits, knows when it really started and what it really used, and records that as an invocation.
/// </summary>
/// <param name="recorder">Where invocations, samples and sentinels go.</param>
/// <param name="node">This node's id.</param>
/// <param name="stage">Its stage.</param>
/// <param name="clock">Stamps everything.</param>
/// <param name="processGroup">The process group that programs join, as in <see cref="SpawnRequest.ProcessGroup"/>.</param>
public sealed class Launcher(RunRecorder recorder, string node, string stage, RunClock clock, int processGroup)
{
    private const int CannotExecute = 126;
    private const int NotFound = 127;
    private const int QuotaDecimals = 2;

    /// <summary>
    /// Starts a program. What goes wrong is in the invocation it ends with (status 127: no such program; 126: it could not be started), which is
    /// recorded in any case.
    /// </summary>
    public RunningProgram Start(LaunchRequest request)
    {
        var enqueuedMs = request.TsEnqueueMs ?? clock.NowMs;
        var outputFile = new OutputFile(request.Files);
        var path = Executable.Find(request.Program);
        if (path is null)
        {
            return new RunningProgram(NeverStarted(request, NotFound, $"{Printable.Line(request.Program)}: no such program"));
        }

        HeldProcess? held = null;
        try
        {
            outputFile.Prepare();
            using var streams = ProgramStreams.Open(request.LogPath);
            held = ProcessSpawn.Hold(new SpawnRequest
            {
                Path = path,
                Arguments = [request.Program, .. outputFile.Substitute(request.Arguments)],
                Environment = ProgramEnvironment.With(request.Environment),
                StandardInput = streams.Input,
                StandardOutput = streams.Output,
                StandardError = streams.Output,
                ProcessGroup = processGroup,
            });
            var cpus = ApplyLimits(request, held.Pid);

            // From here on the program's time counts. Baseline before sentinel before program: no collector can see it too late.
            var startedNs = clock.NowNs;
            recorder.Samples.Append(new ProcessSample(startedNs / RunClock.NsPerMs, held.Pid, 0, 0, 0, 0, 0, SampleKind.Start));
            recorder.AddSentinel(held.Pid);
            var error = held.Release();
            var started = new Started(request with { CpuSet = cpus }, held.Pid, enqueuedMs, startedNs, outputFile, error);
            return new RunningProgram(held.Pid, startedNs, ending => Finish(started, ending), clock);
        }
        catch (TracekitException e)
        {
            held?.Abandon();
            if (held is not null)
            {
                ChildProcess.WaitForEnd(held.Pid, clock);
                recorder.RemoveSentinel(held.Pid);
            }

            return new RunningProgram(NeverStarted(request, CannotExecute, e.Message));
        }
    }

    /// <summary>Records a program that shall not be started; returns the invocation, with status 126.</summary>
    public Invocation Refuse(LaunchRequest request, string reason) => NeverStarted(request, CannotExecute, reason);

    // Returns the CPUs that it is bound to: of those asked for, the ones that are there.
    private static CpuSet? ApplyLimits(LaunchRequest request, int pid)
    {
        foreach (var cgroup in request.Cgroups)
        {
            cgroup.Add(pid);
        }

        if (request.Niceness is { } niceness)
        {
            Niceness.ApplyTo(pid, niceness);
        }

        return request.CpuSet is { } cpus ? CpuAffinity.Apply(cpus, pid) : null;
    }

    private Invocation NeverStarted(LaunchRequest request, int status, string error)
    {
        var nowMs = clock.NowMs;
        var invocation = Describe(request, request.TsEnqueueMs ?? nowMs, nowMs) with { TsEnd = nowMs, Status = status, Error = error, CpuTimeMs = 0 };
        recorder.Append(invocation);
        return invocation;
    }

    private Invocation Finish(Started started, in ChildProcess.Ending ending)
    {
        var (request, pid, enqueuedMs, startedNs, outputFile, error) = started;
        var startedMs = startedNs / RunClock.NsPerMs;
        var endedNs = clock.ToEpochNs(ending.EndedMonotonicNs);
        var endedMs = Math.Max(startedMs + 1, RunClock.CeilingMs(endedNs));
        recorder.Samples.Append(new ProcessSample(
            endedMs,
            pid,
            ending.Usage.MaxRssKb,
            ending.OwnUtimeTicks,
            ending.OwnStimeTicks,
            ending.OwnCpuNs,
            ending.ChildrenCpuNs,
            SampleKind.Exit));
        recorder.RemoveSentinel(pid);
        var outputError = outputFile.Finish(succeeded: ending.Status.Raw == 0 && error is null);
        var invocation = Describe(request, enqueuedMs, startedMs) with
        {
            TsEnd = endedMs,
            Pid = pid,
            BytesIn = OutputFile.Length(request.Files.Input),
            BytesOut = OutputFile.Length(request.Files.Output),
            Status = error is not null ? CannotExecute : outputError is null ? ending.Status.ExitCode : Math.Max(1, ending.Status.ExitCode),
            CpuTimeMs = Ms(ending.OwnCpuNs + ending.ChildrenCpuNs),
            CpuUserMs = Ms(ending.Usage.UserNs),
            CpuSystemMs = Ms(ending.Usage.SystemNs),
            CpuChildrenMs = ending.ChildrenCpuNs > 0 ? Ms(ending.ChildrenCpuNs) : null,
            MaxRssKb = ending.Usage.MaxRssKb,
            Nvcsw = ending.Usage.VoluntaryContextSwitches,
            Nivcsw = ending.Usage.InvoluntaryContextSwitches,
            Inblock = ending.Usage.BlockInputs,
            Oublock = ending.Usage.BlockOutputs,
            WallMs = Ms(endedNs - startedNs),
            Error = error ?? outputError,
        };
        recorder.Append(invocation);
        return invocation;
    }

    private Invocation Describe(LaunchRequest request, long enqueuedMs, long startedMs) => new()
    {
        TraceId = request.TraceId ?? Guid.NewGuid().ToString(),
        ModuleId = Path.GetFileName(request.Program),
        InstanceId = request.InstanceId,
        TsEnqueue = Math.Min(enqueuedMs, startedMs),
        EnqueueSkewMs = enqueuedMs > startedMs ? enqueuedMs - startedMs : null,
        TsStart = startedMs,
        Node = node,
        Stage = stage,
        Method = "CLI",
        Path = request.Program,
        Input = Path.GetFileName(request.Files.Input),
        Output = Path.GetFileName(request.Files.Output),
        Cpuset = request.CpuSet?.ToString(),
        CpuBinding = request.CpuBinding,
        CpuQuotaPercent = request.CpuShare?.QuotaCores is { } cores ? Math.Round(100 * cores, QuotaDecimals) : null,
        CpuWeight = request.CpuShare?.Weight,
        Profile = request.Profile,
        CpuUnits = request.CpuUnits,
        CpuOvercommit = request.IsCpuOvercommitted?.Invoke() is true ? true : null,
    };

    private sealed record Started(LaunchRequest Request, int Pid, long EnqueuedMs, long StartedNs, OutputFile OutputFile, string? Error);

    private static double Ms(long ns) => ns / (double)RunClock.NsPerMs;
}
