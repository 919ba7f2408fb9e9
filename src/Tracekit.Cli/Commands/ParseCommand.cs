using System.CommandLine;
using System.Text.Json;
using Tracekit.Cli.Display;
using Tracekit.Cli.Options;
using Tracekit.Model;
using Tracekit.Trace.Audit;
using Tracekit.Trace.Parse;

namespace Tracekit.Cli.Commands;

/// <summary><c>tracekit parse</c>: raw run → compact trace, wide trace and audit.</summary>
internal sealed class ParseCommand : Command
{
    private readonly RunIdentity _identity = new();
    private readonly Option<bool> _json = Flag.Switch("--json", "print each node's audit as JSON");
    private readonly Option<bool> _noWideSamples = Flag.Switch("--no-wide-samples", "leave process samples out of cctf/; they take twice the room of the raw ones");
    private readonly Argument<string?> _directory = new("dir")
    {
        Description = "a node directory, or one that holds node directories; default: the run's below --logs",
        Arity = ArgumentArity.ZeroOrOne,
        HelpName = "DIR",
    };

    public ParseCommand()
        : base("parse", "turn what a run recorded into the compact trace (CTS/) and the wide trace (cctf/), and audit it")
    {
        Arguments.Add(_directory);
        _identity.AddRunTo(this);
        Options.Add(_noWideSamples);
        Options.Add(_json);
        SetAction(Run);
    }

    private int Run(System.CommandLine.ParseResult result)
    {
        var given = result.GetValue(_directory);
        var path = given ?? Path.Combine(
            _identity.Logs(result), _identity.GivenRunId(result) ?? throw new UsageException("which run? give its directory, or --run-id"));
        using var cancellation = InterruptSignal.Listen();
        foreach (var node in RunDirectory.NodesOf(path))
        {
            using var progress = new StepProgress();
            var parsed = RunParser.Parse(node, new ParseOptions { WideSamples = !result.GetValue(_noWideSamples) }, progress, cancellation.Token);
            if (result.GetValue(_json))
            {
                Console.WriteLine(JsonSerializer.Serialize(parsed.Audit, AuditJson.Default.AuditReport));
            }
            else
            {
                Console.WriteLine($"{parsed.Node}: {parsed.Invocations} tasks, {parsed.Windows} windows, audit {Verdict.Of(parsed.Audit)}");
                Verdict.WriteFindings(parsed.Audit.Findings, Console.Out);
                Console.WriteLine($"  → {node.Cts.Path}");
            }
        }

        return 0;
    }
}
