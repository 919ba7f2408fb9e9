namespace Tracekit.Model;

/// <summary>
/// The files of a wide trace (CCTF): of one node below its node directory, or of all nodes of a run below <c>unified_cctf</c>. All times are
/// on the reference clock.
/// </summary>
/// <param name="path">The directory <c>cctf</c> or <c>unified_cctf/RUN_ID</c>.</param>
public sealed class CctfDirectory(string path)
{
    /// <summary>The directory itself.</summary>
    public string Path { get; } = path;

    /// <summary>Array of nodes with exact values.</summary>
    public string Nodes => In("nodes.json");

    /// <summary>Array of <c>{u, v, BW_bps, PR_s}</c>: the network interfaces as edges.</summary>
    public string Links => In("links.json");

    /// <summary>What load was driven: one object.</summary>
    public string RunMeta => In("run_meta.json");

    /// <summary>Applications and their modules.</summary>
    public string ModuleInventory => In("module_inventory.json");

    /// <summary>Whole invocations by start.</summary>
    public string Invocations => In("invocations.jsonl");

    /// <summary>CPU and memory of hosts, with node and stage.</summary>
    public string HostMetrics => In("host_metrics.jsonl");

    /// <summary>Traffic of network interfaces, with node and stage.</summary>
    public string LinkMetrics => In("link_metrics.jsonl");

    /// <summary>Starts and stops of module instances.</summary>
    public string PlacementEvents => In("placement_events.jsonl");

    /// <summary>Gauges of services.</summary>
    public string SystemStats => In("system_stats.jsonl");

    /// <summary>Process samples as they were recorded.</summary>
    public string ProcMetrics => In("proc_metrics.jsonl");

    /// <summary>CPU time used in each window: <c>{ts_ms, pid, cpu_ms}</c>.</summary>
    public string ProcCpu => In("proc_cpu.jsonl");

    /// <summary>Resident set at the end of each window: <c>{ts_ms, pid, rss_kb}</c>.</summary>
    public string ProcRss => In("proc_rss.jsonl");

    /// <summary>Every file of records, one a line, in the order of the list above.</summary>
    public IReadOnlyList<string> RecordFiles =>
        [Invocations, HostMetrics, LinkMetrics, PlacementEvents, SystemStats, ProcMetrics, ProcCpu, ProcRss];

    /// <summary>Removes a file that stands for something that is not in the run any more; one that is not there is as good.</summary>
    /// <exception cref="TracekitException">It cannot be removed.</exception>
    public static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (DirectoryNotFoundException)
        {
            // Then the file is not there either.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{file}: cannot remove what an earlier run of this command wrote: {e.Message}", e);
        }
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
