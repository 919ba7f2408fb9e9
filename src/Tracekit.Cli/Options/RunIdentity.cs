using System.CommandLine;
using Tracekit.Collect;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Cli.Options;

/// <summary>Which run, which node: the flags that most commands share.</summary>
internal sealed class RunIdentity
{
    private const string RunIdFile = "run_id.env";

    private readonly Option<string?> _runId = Flag.Text("--run-id", "id of the run; default: from run_id.env, else the time (UTC)", "RUN_ID");
    private readonly Option<string?> _nodeId = Flag.Text("--node-id", "id of this node; default: the host name", "NODE_ID");
    private readonly Option<string> _stage = Flag.TextOr("--stage", Stage.Default, "cloud, edge or endpoint", "STAGE");
    private readonly Option<string> _logs = Flag.PathOr("--logs", "logs", "directory of all runs");
    private readonly Option<int?> _cpuFreqMhz = Flag.WholeOrNone(
        "--cpu-freq-mhz", 1, 1_000_000, "core frequency in MHz; default: what the machine says", "CPU_FREQ_MHZ");

    /// <summary>Adds all the flags to a command.</summary>
    public void AddTo(Command command)
    {
        AddRunTo(command);
        command.Options.Add(_nodeId);
        command.Options.Add(_stage);
        command.Options.Add(_cpuFreqMhz);
    }

    /// <summary>Adds the flags that say which run and which node of it.</summary>
    public void AddNodeTo(Command command)
    {
        AddRunTo(command);
        command.Options.Add(_nodeId);
    }

    /// <summary>The node id that flag or variable gives; null when neither does.</summary>
    /// <exception cref="UsageException">It is no id.</exception>
    public string? GivenNodeId(ParseResult result) => result.GetValue(_nodeId) is { } given ? Identifier.Check(given, "node id") : null;

    /// <summary>Adds the flags that say which run.</summary>
    public void AddRunTo(Command command)
    {
        command.Options.Add(_runId);
        command.Options.Add(_logs);
    }

    /// <summary>The run id that flag, variable or file gives; null when none does.</summary>
    /// <exception cref="UsageException">It is no id.</exception>
    public string? GivenRunId(ParseResult result) => result.GetValue(_runId) is { } given
        ? Identifier.Check(given, "run id")
        : FromFile() is { } kept ? Identifier.Check(kept, $"run id in {RunIdFile}") : null;

    /// <summary>The directory of all runs.</summary>
    public string Logs(ParseResult result) => result.GetValue(_logs)!;

    /// <summary>This node, for a run of the given id.</summary>
    /// <exception cref="UsageException">A name is not one, or a stage unknown.</exception>
    public NodeMeta Node(ParseResult result, string runId)
    {
        var node = GivenNodeId(result) ?? Identifier.NodeIdOfHost(Environment.MachineName);
        return NodeDescription.Read(runId, node, Stage.Check(result.GetValue(_stage)!), result.GetValue(_cpuFreqMhz));
    }

    /// <summary>Makes a directory below <paramref name="logs"/> that is named for now and that nobody else has made; returns its name, a run id.</summary>
    public static string MakeFreshRun(string logs)
    {
        var id = Identifier.NewRunId(TimeProvider.System.GetUtcNow());
        var suffix = 1;
        var candidate = id;
        while (!NewDirectory.TryMake(Path.Combine(logs, candidate)))
        {
            candidate = $"{id}-{++suffix}";
        }

        return candidate;
    }

    private static string? FromFile()
    {
        try
        {
            return File.Exists(RunIdFile)
                ? File.ReadLines(RunIdFile)
                    .Select(l => l.Trim())
                    .Select(l => l.StartsWith("export ", StringComparison.Ordinal) ? l["export ".Length..].TrimStart() : l)
                    .FirstOrDefault(l => l.StartsWith("RUN_ID=", StringComparison.Ordinal))?["RUN_ID=".Length..].Trim('"', '\'')
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{RunIdFile}: cannot read: {e.Message}");
        }
    }
}
