using System.CommandLine;
using System.Runtime.InteropServices;
using Tracekit.Cli.Options;
using Tracekit.Collect;
using Tracekit.Launch;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Cli.Commands;

/// <summary><c>tracekit exec</c>: the adapter. Runs one program under limits and records it as an invocation.</summary>
internal sealed class ExecCommand : Command
{
    private readonly RunIdentity _identity = new();
    private readonly Option<long?> _tsEnqueue = Flag.TimeMs("--ts-enqueue", "when it was asked for; default: now", "TS_ENQUEUE");
    private readonly Option<string?> _unitName = Flag.Text("--unit-name", "a name for this instance", "UNIT_NAME");
    private readonly Option<string?> _cpuSet = Flag.Text("--cpuset", "CPUs to bind it to, as in 0-3,6", "CPUSET");
    private readonly Option<int?> _cpuQuota = Flag.WholeOrNone("--cpu-quota", 1, 1_000_000, "CPU quota in percent of one core: 200 is two", "CPU_QUOTA");
    private readonly Option<int?> _cpuWeight = Flag.WholeOrNone("--cpu-weight", 1, 10_000, "CPU weight, 100 is the usual", "CPU_WEIGHT");
    private readonly Option<int?> _nice = Flag.WholeOrNone("--nice", -20, 19, "niceness");
    private readonly Option<string?> _cgroup = Flag.Path("--cgroup", "an existing control group to run in, given by its directory");
    private readonly Option<string?> _input = Flag.Path("--input", "what it reads, for bytes_in; ffmpeg's is found by itself");
    private readonly Option<string?> _output = Flag.Path("--output", "what it writes, for bytes_out; where an argument names it, it gets its name only on success");
    private readonly Option<string?> _profile = Flag.Text("--profile", "a name for this kind of task");
    private readonly Option<int?> _cpuUnits = Flag.WholeOrNone("--cpu-units", 1, 65_536, "cores that it asks for, for the exported task");
    private readonly Option<int> _intervalMs = Flag.Whole(
        "--interval-ms", 0, 0, 3_600_000, "sample the program this often, in ms; 0: leave that to a collector", "PROC_INTERVAL_MS");
    private readonly Argument<string[]> _program = new("program")
    {
        Description = "the program and its arguments, behind --",
        Arity = ArgumentArity.OneOrMore,
        HelpName = "PROGRAM [ARG]…",
    };

    public ExecCommand()
        : base("exec", "run one program under limits and record it as an invocation")
    {
        _identity.AddTo(this);
        foreach (Option option in (Option[])[_tsEnqueue, _unitName, _cpuSet, _cpuQuota, _cpuWeight, _nice, _cgroup, _input, _output, _profile, _cpuUnits, _intervalMs])
        {
            Options.Add(option);
        }

        Arguments.Add(_program);
        SetAction(Run);
    }

    private async Task<int> Run(ParseResult result, CancellationToken cancellation)
    {
        var words = result.GetValue(_program)!;
        var logs = _identity.Logs(result);
        var runId = _identity.GivenRunId(result) ?? RunIdentity.FreshRunId(logs);
        var node = _identity.Node(result, runId);
        var share = CpuShare.OfPercent(result.GetValue(_cpuQuota), result.GetValue(_cpuWeight));
        using var limits = ExecLimits.Make(share, result.GetValue(_cgroup));
        var request = new LaunchRequest
        {
            Program = words[0],
            Arguments = words[1..],
            Files = FilesOf(result, words),
            CpuSet = result.GetValue(_cpuSet) is { } set ? CpuSet.Parse(set) : null,
            Niceness = result.GetValue(_nice),
            Cgroups = limits.Groups,
            CpuShare = share == default ? null : share,
            TsEnqueueMs = result.GetValue(_tsEnqueue),
            InstanceId = result.GetValue(_unitName),
            Profile = result.GetValue(_profile),
            CpuUnits = result.GetValue(_cpuUnits),
        };

        var directory = new RunDirectory(Path.Combine(logs, runId));
        using var recorder = new RunRecorder(directory, $"{Environment.ProcessId}");
        NodeMetaFile.WriteIfMissing(directory, node);

        // In the foreground of a terminal its keys must reach the program: it stays in our group. Elsewhere a guarded group of its own makes sure
        // that what it forks ends with us too.
        var inForeground = Terminal.HasUsInForeground();
        using var guard = inForeground ? null : ProcessGroupGuard.Start();
        var clock = new RunClock(TimeProvider.System);
        using var collector = CollectorOf(result, recorder, clock);
        var launcher = new Launcher(recorder, node.Node!, node.Stage!, clock, guard?.Group ?? -1);
        using var forward = new SignalForwarding(terminalSignalsItself: inForeground);
        var program = launcher.Start(request);
        forward.To(program);
        var invocation = await program.Completion.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        if (invocation.Error is { } error)
        {
            Console.Error.WriteLine($"tracekit exec: {error}");
        }

        if (recorder.WriteError is { } lost)
        {
            throw new TracekitException($"the invocation is not recorded: {lost}");
        }

        return invocation.Status!.Value;
    }

    private ProcessCollector? CollectorOf(ParseResult result, RunRecorder recorder, RunClock clock) => result.GetValue(_intervalMs) is var ms and > 0
        ? new ProcessCollector(recorder.Run.Pids, recorder.Samples, clock, TimeSpan.FromMilliseconds(ms), onlyChildrenOf: Environment.ProcessId)
        : null;

    private DataFiles FilesOf(ParseResult result, string[] words)
    {
        var input = result.GetValue(_input);
        var output = result.GetValue(_output);
        return input is null && output is null && Path.GetFileName(words[0]) == "ffmpeg"
            ? DataFilesOf.Ffmpeg(words[1..])
            : DataFilesOf.Named(input, output, words[1..]);
    }

    /// <summary>
    /// Passes signals that this process gets on to the program; they end it, and with it us. Made before the program, for it may be signalled as soon as
    /// it is seen to run; what comes before <see cref="To"/> waits for that.
    /// </summary>
    private sealed class SignalForwarding : IDisposable
    {
        private readonly List<PosixSignalRegistration> _registrations = [];
        private readonly TaskCompletionSource<RunningProgram> _program = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public SignalForwarding(bool terminalSignalsItself)
        {
            foreach (var (signal, number) in ((PosixSignal, int)[])[(PosixSignal.SIGINT, 2), (PosixSignal.SIGQUIT, 3), (PosixSignal.SIGTERM, 15), (PosixSignal.SIGHUP, 1)])
            {
                var fromKeyboard = signal is PosixSignal.SIGINT or PosixSignal.SIGQUIT;
                _registrations.Add(PosixSignalRegistration.Create(signal, context =>
                {
                    context.Cancel = true;
                    if (!(fromKeyboard && terminalSignalsItself))
                    {
                        _ = SendAsync(number);
                    }
                }));
            }
        }

        public void To(RunningProgram program) => _program.SetResult(program);

        private async Task SendAsync(int signal) => (await _program.Task.ConfigureAwait(false)).Send(signal);

        public void Dispose() => _registrations.ForEach(r => r.Dispose());
    }
}
