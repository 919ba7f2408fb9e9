using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Tracekit.Cli.Collect;
using Tracekit.Cli.Options;
using Tracekit.Collect.Daemon;
using Tracekit.Model;

namespace Tracekit.Cli.Commands;

/// <summary><c>tracekit collect status</c>: what collectors do or did.</summary>
internal sealed class CollectStatusCommand : Command
{
    private readonly RunIdentity _identity = new();
    private readonly Option<bool> _json = Flag.Switch("--json", "print as JSON: an array of collectors");

    public CollectStatusCommand()
        : base("status", "what a collector does or did; without a run, every collector of this user that runs")
    {
        _identity.AddNodeTo(this);
        Options.Add(_json);
        SetAction(Run);
    }

    private int Run(ParseResult result)
    {
        var logs = _identity.Logs(result);
        var runId = _identity.GivenRunId(result);
        var node = _identity.GivenNodeId(result);
        var directories = runId is null ? CollectorRegistry.Find(logs) : CollectorRegistry.OfRun(Path.Combine(logs, runId));
        IReadOnlyList<CollectReport> reports = [.. directories.Select(CollectReport.Of).Where(r => node is null || r.Node is null || r.Node == node)];
        if (result.GetValue(_json))
        {
            Console.WriteLine(JsonSerializer.Serialize(reports, ResultJson.Default.IReadOnlyListCollectReport));
            return 0;
        }

        if (reports.Count == 0)
        {
            Console.WriteLine(runId is null ? "no collector of this user is running" : $"no collector has worked for run {runId} in {logs}");
        }

        foreach (var report in reports)
        {
            Print(report);
        }

        return 0;
    }

    private static void Print(CollectReport report)
    {
        var since = report.Status is { } s ? $" since {Time(s.StartedMs)}" : "";
        Console.WriteLine($"{report.State,-9} {report.Directory}: node {report.Node ?? "?"}, pid {report.Pid}{since}");
        if (report.Status is { } status)
        {
            Console.WriteLine(status.IntervalMs is { } ms
                ? Invariant($"processes every {ms} ms: {status.Ticks} ticks, {status.Missed} missed, {status.Samples} samples, {status.Dropped} dropped, {status.Processes} processes now")
                : "processes are not sampled");
            Console.WriteLine(Invariant(
                $"host      every {status.HostIntervalMs} ms: {status.HostTicks} ticks, {status.HostMissed} missed, {status.HostDropped} lines dropped, {status.ClockSteps} steps of the clock"));
            if (status.Trouble is { } trouble)
            {
                Console.WriteLine($"trouble   {trouble}");
            }
        }

        foreach (var file in report.Files)
        {
            Console.WriteLine(Invariant($"file      {file.Bytes,12} bytes  {file.Name}"));
        }
    }

    private static string Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
