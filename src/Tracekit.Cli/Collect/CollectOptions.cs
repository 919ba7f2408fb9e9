using System.Net;
using Tracekit.Collect;
using Tracekit.Model;
using Tracekit.Telemetry.Otlp;

namespace Tracekit.Cli.Collect;

/// <summary>What a collector is asked for.</summary>
internal sealed record CollectOptions
{
    /// <summary>Who this node is, as far as the machine tells.</summary>
    public required NodeMeta Node { get; init; }

    /// <summary>Where it writes.</summary>
    public required RunDirectory Directory { get; init; }

    /// <summary>Time between two samples of a process.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>Time between two samples of the machine.</summary>
    public required TimeSpan HostInterval { get; init; }

    /// <summary>The interface that was named; null for none.</summary>
    public string? Iface { get; init; }

    /// <summary>Whose distance is measured; null for nobody's.</summary>
    public IPAddress? Peer { get; init; }

    /// <summary>Its TCP port, for where ping is not allowed.</summary>
    public int PeerPort { get; init; }

    /// <summary>Counters of energy that were named.</summary>
    public IReadOnlyList<string> EnergyFiles { get; init; } = [];

    /// <summary>Which processes; null when processes are not sampled.</summary>
    public ProcessSelection? Selection { get; init; }

    /// <summary>What is recorded of each process beside CPU time and resident set.</summary>
    public ProcessDetails Details { get; init; }

    /// <summary>Whether to sample before the workload.</summary>
    public bool IsRealTime { get; init; }

    /// <summary>The container whose processes are sampled; null for none.</summary>
    public string? Container { get; init; }

    /// <summary>Where the current values are served for a scrape; null for nowhere.</summary>
    public IPEndPoint? Prometheus { get; init; }

    /// <summary>Where they are sent as OpenTelemetry metrics; null for nowhere.</summary>
    public OtlpEndpoint? Otlp { get; init; }

    /// <summary>Time between two exports to there.</summary>
    public TimeSpan OtlpInterval { get; init; }

    /// <summary>Whether to try to synchronise the clock first.</summary>
    public bool TimeSync { get; init; }

    /// <summary>With whom.</summary>
    public required string NtpPool { get; init; }

    /// <summary>
    /// The node directory: the run's own, unless a directory of the node's own is asked for, or is there already, or other nodes have theirs there.
    /// </summary>
    public static RunDirectory DirectoryOf(string logs, string runId, string node, bool perNode)
    {
        var run = Path.Combine(logs, runId);
        var isShared = perNode
            || (!RunDirectory.IsNodeDirectory(run) && System.IO.Directory.Exists(run) && System.IO.Directory.EnumerateDirectories(run).Any(RunDirectory.IsNodeDirectory));
        return new RunDirectory(isShared ? Path.Combine(run, node) : run);
    }

    /// <summary>Makes the node directory, or takes the one of this very node.</summary>
    /// <exception cref="UsageException">It is another node's.</exception>
    /// <exception cref="TracekitException">It cannot be made.</exception>
    public RunDirectory MakeDirectory()
    {
        try
        {
            System.IO.Directory.CreateDirectory(Directory.Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{Directory.Path}: cannot make the directory: {e.Message}", e);
        }

        NodeMetaFile.CheckOwner(Directory, Node);
        return Directory;
    }
}
