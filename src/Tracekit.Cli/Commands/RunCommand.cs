using System.CommandLine;
using System.Text.Json;
using Tracekit.Cli.Options;
using Tracekit.Cli.Run;
using Tracekit.Linux;
using Tracekit.Model;
using Tracekit.Schedule;
using Tracekit.Trace.Audit;

namespace Tracekit.Cli.Commands;

/// <summary><c>tracekit run</c>: the main job.</summary>
internal sealed class RunCommand : Command
{
    private const int Failed = 1;
    private const int Interrupted = 130;

    private readonly RunIdentity _identity = new();
    private readonly RedisConnectionFlags _redis = new();
    private readonly DispatchFlags _dispatch = new();
    private readonly WorkerFlags _worker = new();
    private readonly Option<string> _weigher = Flag.Choice("--weigher", "", ["", "instances", "vcpu"], "how to choose among nodes that a task fits");
    private readonly Option<string> _weigherOrder = Flag.Choice("--weigher-order", "min", ["min", "max"], "which end of the weigher's metric wins");
    private readonly Option<int> _intervalMs = Flag.Whole("--interval-ms", 200, 1, 3_600_000, "time between two samples of a process, in ms", "PROC_INTERVAL_MS");
    private readonly Option<string?> _export = Flag.Path("--export", "where the OpenDC files go; default: opendc_traces/ and the run id");
    private readonly Option<string> _taskIdMode = TaskIdFlag.Make();
    private readonly Option<bool> _json = Flag.Switch("--json", "print the report as JSON");

    public RunCommand()
        : base("run", "the main job: inputs → dispatch → schedule → execute and collect → parse → audit → export → verify")
    {
        _dispatch.AddTo(this);
        _worker.AddTo(this);
        foreach (Option option in (Option[])[_weigher, _weigherOrder, _intervalMs, _export, _taskIdMode])
        {
            Options.Add(option);
        }

        _redis.AddWithLeaseTo(this);
        _identity.AddTo(this);
        Options.Add(_json);
        SetAction(Run);
    }

    private async Task<int> Run(ParseResult result, CancellationToken cancellation)
    {
        using var interrupt = InterruptSignal.Listen();
        var report = await new MainJob(OptionsOf(result), interrupt).RunAsync().ConfigureAwait(false);
        if (result.GetValue(_json))
        {
            Console.WriteLine(JsonSerializer.Serialize(report, ResultJson.Default.RunReport));
        }
        else
        {
            ReportTables.Write(report);
        }

        return report.Interrupted ? Interrupted : IsSound(report) ? 0 : Failed;
    }

    private static bool IsSound(RunReport report) =>
        report.Failed + report.NotRun == 0 && report.Audit is AuditVerdict.Pass or AuditVerdict.Warn && report.VerifyFaults.Count == 0;

    private MainJobOptions OptionsOf(ParseResult result)
    {
        var logs = _identity.Logs(result);
        var runId = _identity.GivenRunId(result);
        var node = _identity.Node(result, runId ?? "");
        return new MainJobOptions
        {
            Node = node,
            RunId = runId,
            Logs = logs,
            Redis = _redis.IsGiven(result) ? _redis.OptionsOf(result, "run", Log.Line) : null,
            Plan = _dispatch.PlanOf(result, _worker.Outputs(result)),
            Dispatch = _dispatch.PacingOf(result),
            Worker = _worker.OptionsOf(result, node.Node!),
            Weigher = HostWeigher.Parse(result.GetValue(_weigher)!, result.GetValue(_weigherOrder)!),
            SampleInterval = TimeSpan.FromMilliseconds(result.GetValue(_intervalMs)),
            ExportDirectory = result.GetValue(_export),
            TaskIdMode = TaskIdFlag.Parse(result.GetValue(_taskIdMode)!),
        };
    }
}
