using System.CommandLine;
using System.Text.Json;
using Tracekit.Cli.Options;
using Tracekit.Model;
using Tracekit.Trace;
using Tracekit.Trace.AccessLog;

namespace Tracekit.Cli.Commands;

/// <summary><c>tracekit import access-log</c>: the access logs of a web server → invocations of its node.</summary>
internal sealed class ImportCommand : Command
{
    private readonly RunIdentity _identity = new();
    private readonly Option<string> _format = Flag.Choice("--format", AccessLogFormatName.All[0], [.. AccessLogFormatName.All], "how the lines are spelled");
    private readonly Option<string> _source = Flag.TextOr("--source", "access-log", "names the file of invocations: events.TEXT.jsonl");
    private readonly Option<bool> _replace = Flag.Switch("--replace", "write that file anew if it is there");
    private readonly Option<bool> _json = Flag.Switch("--json", "print the result as JSON");
    private readonly Argument<string[]> _logs = new("file")
    {
        Description = "access logs, packed by gzip or not; - is standard input",
        Arity = ArgumentArity.OneOrMore,
        HelpName = "FILE…",
    };

    public ImportCommand()
        : base("import", "take over what other programs recorded")
    {
        var accessLog = new Command("access-log", "make invocations of the requests in an nginx or Envoy access log");
        accessLog.Arguments.Add(_logs);
        _identity.AddTo(accessLog);
        foreach (Option option in (Option[])[_format, _source, _replace, _json])
        {
            accessLog.Options.Add(option);
        }

        accessLog.SetAction(Run);
        Subcommands.Add(accessLog);
    }

    private int Run(ParseResult result)
    {
        var logs = result.GetValue(_logs)!;
        if (logs.FirstOrDefault(l => l != "-" && !File.Exists(l)) is { } missing)
        {
            throw new UsageException($"{Printable.Line(missing)}: no such access log");
        }

        var source = Identifier.Check(result.GetValue(_source)!, "--source");
        var root = _identity.Logs(result);
        var runId = _identity.GivenRunId(result);
        var node = _identity.Node(result, runId ?? Identifier.NewRunId(TimeProvider.System.GetUtcNow()));
        runId ??= RunIdentity.MakeFreshRun(root);
        node = node with { RunId = runId };
        var directory = new RunDirectory(Path.Combine(root, runId));
        NodeMetaFile.CheckOwner(directory, node);
        var events = directory.EventsOf(source);
        if (File.Exists(events) && !result.GetValue(_replace))
        {
            throw new UsageException($"{events}: is there already; give --replace to write it anew, or --source for another name");
        }

        Directory.CreateDirectory(directory.Path);
        using var cancellation = InterruptSignal.Listen();
        var imported = AccessLogImporter.Import(
            logs, AccessLogFormatName.Parse(result.GetValue(_format)!), node, events, Console.OpenStandardInput, cancellation.Token);
        NodeMetaFile.WriteIfMissing(directory, node);
        if (result.GetValue(_json))
        {
            Console.WriteLine(JsonSerializer.Serialize(imported, TraceResultsJson.Default.ImportResult));
            return 0;
        }

        Console.WriteLine($"{imported.Requests} requests ({string.Join(", ", imported.Formats.Select(f => $"{f.Value} {f.Key}"))}){Bad(imported)}");
        if (imported.WithoutDuration > 0)
        {
            Console.WriteLine($"  note: {imported.WithoutDuration} requests have no duration in the log: they end when they start (duration_known is false)");
        }

        if (imported.WholeSeconds > 0)
        {
            Console.WriteLine($"  note: {imported.WholeSeconds} requests have times in whole seconds (time_resolution_ms is 1000); --help shows a log_format for nginx that has more");
        }

        Console.WriteLine($"  → {imported.Path}");
        return 0;
    }

    private static string Bad(ImportResult imported)
    {
        var bad = imported.Files.Where(f => f.BadLines > 0).ToArray();
        var torn = imported.Files.Where(f => f.TornTail).ToArray();
        return (bad.Length > 0 ? $", {bad.Sum(f => f.BadLines)} lines hold none (the first is {bad[0].File}:{bad[0].FirstBadLine})" : "")
            + (torn.Length > 0 ? $", {torn[0].File} ends in the middle of a line" : "");
    }
}
