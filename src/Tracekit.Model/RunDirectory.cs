namespace Tracekit.Model;

/// <summary>The files of a node directory: one node's view of one run. Every file name is written here and nowhere else.</summary>
/// <param name="path">The directory, for example <c>logs/20260101T000000Z</c>.</param>
public sealed class RunDirectory(string path)
{
    private const string NodeMetaName = "node_meta.json";

    /// <summary>The directory itself.</summary>
    public string Path { get; } = path;

    /// <summary>Who this node is: <see cref="Model.NodeMeta"/>.</summary>
    public string NodeMeta => In(NodeMetaName);

    /// <summary>All invocations merged in time order.</summary>
    public string Events => In("events.jsonl");

    /// <summary>Raw process samples: <see cref="ProcessSample"/>.</summary>
    public string ProcMetrics => In("proc_metrics.jsonl");

    /// <summary>The machine as a whole: CPU, memory, pressure, energy.</summary>
    public string Resources => In("resources.jsonl");

    /// <summary>Bytes a second through the node's network interface.</summary>
    public string Links => In("links.jsonl");

    /// <summary>That interface: <see cref="Model.LinkMeta"/>.</summary>
    public string LinkMeta => In("link_meta.json");

    /// <summary>What was done to synchronise the clock and how it then stood, for people.</summary>
    public string TimeSync => In("timesync.log");

    /// <summary>Steps of the system clock while it was watched: <see cref="ClockStep"/>.</summary>
    public string ClockEvents => In("clock_events.jsonl");

    /// <summary>Which process collects here.</summary>
    public string CollectorPid => In("collector.pid");

    /// <summary>What a collector in the background says.</summary>
    public string CollectorLog => In("collector.log");

    /// <summary>How the collector is doing, once a second.</summary>
    public string CollectorStatus => In("collector_status.json");

    /// <summary>What became of each collected process: began, seen, executed, ended.</summary>
    public string Processes => In("processes.jsonl");

    /// <summary>Samples of the control groups that are collected.</summary>
    public string Cgroups => In("cgroups.jsonl");

    /// <summary>Sentinels: an empty file per running task, named by its pid.</summary>
    public string Pids => In("pids");

    /// <summary>What each task printed.</summary>
    public string TaskLogs => In("tasks");

    /// <summary>What load was driven, where one was: one object.</summary>
    public string RunMeta => In("run_meta.json");

    /// <summary>Applications and their modules.</summary>
    public string ModuleInventory => In("module_inventory.json");

    /// <summary>Starts and stops of module instances.</summary>
    public string PlacementEvents => In("placement_events.jsonl");

    /// <summary>Gauges of services, such as requests in flight.</summary>
    public string SystemStats => In("system_stats.jsonl");

    /// <summary>The compact trace.</summary>
    public CtsDirectory Cts => new(In("CTS"));

    /// <summary>The wide trace.</summary>
    public CctfDirectory Cctf => new(In("cctf"));

    /// <summary>The raw invocations of one source; one writer a file.</summary>
    public string EventsOf(string source) => In($"events.{source}.jsonl");

    /// <summary>The raw invocation files present: <c>events.*.jsonl</c>, in ordinal order.</summary>
    public IReadOnlyList<string> EventSources() =>
        [.. Directory.EnumerateFiles(Path, "events.*.jsonl").Where(f => !f.EndsWith("/events.jsonl", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>True when <paramref name="path"/> is a node directory.</summary>
    public static bool IsNodeDirectory(string path) => File.Exists(System.IO.Path.Combine(path, NodeMetaName));

    /// <summary>
    /// The node directories that <paramref name="path"/> stands for: itself, or its children where several nodes share a disk.
    /// </summary>
    /// <exception cref="UsageException">There is no such directory, or no node directory in it.</exception>
    public static IReadOnlyList<RunDirectory> NodesOf(string path)
    {
        if (!Directory.Exists(path))
        {
            throw new UsageException($"{path}: no such run directory");
        }

        if (IsNodeDirectory(path))
        {
            return [new RunDirectory(path)];
        }

        RunDirectory[] nodes = [.. Directory.EnumerateDirectories(path).Where(IsNodeDirectory).Order(StringComparer.Ordinal).Select(d => new RunDirectory(d))];
        return nodes.Length > 0
            ? nodes
            : throw new UsageException($"{path}: neither it nor a directory in it holds a {NodeMetaName}; give a directory that a run or collector wrote");
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}

/// <summary>The files of the compact trace (CTS) in a node directory.</summary>
/// <param name="path">The directory <c>CTS</c>.</param>
public sealed class CtsDirectory(string path)
{
    /// <summary>The directory itself.</summary>
    public string Path { get; } = path;

    /// <summary>Array of <see cref="CtsNode"/>.</summary>
    public string Nodes => System.IO.Path.Combine(Path, "nodes.json");

    /// <summary>One <see cref="CtsInvocation"/> a line.</summary>
    public string Invocations => System.IO.Path.Combine(Path, "invocations.jsonl");

    /// <summary>One <see cref="CpuWindow"/> a line.</summary>
    public string ProcMetrics => System.IO.Path.Combine(Path, "proc_metrics.jsonl");

    /// <summary>The audit, for people.</summary>
    public string AuditReport => System.IO.Path.Combine(Path, "audit_report.md");

    /// <summary>The audit, for programs.</summary>
    public string AuditJson => System.IO.Path.Combine(Path, "audit.json");
}
