using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Tracekit.Cli.Display;
using Tracekit.Cli.Options;
using Tracekit.Model;
using Tracekit.Trace;
using Tracekit.Trace.Merge;

namespace Tracekit.Cli.Commands;

/// <summary><c>tracekit merge</c>: the node directories of several machines → one run, with one wide trace.</summary>
internal sealed class MergeCommand : Command
{
    private readonly Option<string?> _output = Flag.Path("--output", "directory of the merged run: a new one, or that of an earlier merge");
    private readonly Option<string?> _runId = Flag.Text("--run-id", "id of the merged run; default: that of the nodes, which must then be the same");
    private readonly Option<bool> _json = Flag.Switch("--json", "print the result as JSON");
    private readonly Argument<string[]> _directories = new("dir")
    {
        Description = "node directories, or directories that hold node directories",
        Arity = ArgumentArity.OneOrMore,
        HelpName = "DIR…",
    };

    public MergeCommand()
        : base("merge", "make one run out of several nodes', and join their wide traces")
    {
        Arguments.Add(_directories);
        foreach (Option option in (Option[])[_output, _runId, _json])
        {
            Options.Add(option);
        }

        SetAction(Run);
    }

    private int Run(ParseResult result)
    {
        var output = result.GetValue(_output) ?? throw new UsageException("--output: where shall the merged run go? give a directory");
        using var cancellation = InterruptSignal.Listen();
        MergeResult merged;
        using (var progress = new StepProgress())
        {
            merged = RunMerger.Merge(result.GetValue(_directories)!, output, result.GetValue(_runId), progress, cancellation.Token);
        }

        if (result.GetValue(_json))
        {
            Console.WriteLine(JsonSerializer.Serialize(merged, TraceResultsJson.Default.MergeResult));
            return 0;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"run {merged.RunId}: {merged.Nodes.Count} nodes, {merged.Records.Values.Sum()} records in {merged.Records.Count} files"));
        foreach (var node in merged.Nodes)
        {
            Console.WriteLine($"  {node.Node}: {Told(node)}");
        }

        foreach (var file in merged.FaultyFiles)
        {
            Console.WriteLine($"  note: {file.File}: {file.BadLines} lines hold no record{(file.TornTail ? "; it ends in the middle of a line" : "")}");
        }

        if (merged.OutOfOrder > 0)
        {
            Console.WriteLine($"  note: {merged.OutOfOrder} records stand far from their place in time in their node's file, and come late in the joined one");
        }

        Console.WriteLine($"  → {merged.Directory}");
        Console.WriteLine($"  → {merged.UnifiedDirectory}");
        return 0;
    }

    private static string Told(MergedNode node) =>
        (node.Invocations is { } tasks ? $"{tasks} tasks, audit {node.Verdict!.Value.ToString().ToLowerInvariant()}" : "taken as it was parsed elsewhere")
        + (node.BadLines > 0 ? $", {node.BadLines} lines hold no record" : "")
        + (node.ClockShiftMs != 0 ? $", times shifted by {node.ClockShiftMs} ms" : "");
}
