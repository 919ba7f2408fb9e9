using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Tracekit.Cli.Options;
using Tracekit.Collect;
using Tracekit.Collect.Time;
using Tracekit.Linux;
using Tracekit.Model;
using Tracekit.Telemetry.Otlp;
using Tracekit.Telemetry.Prometheus;

namespace Tracekit.Cli.Collect;

/// <summary>The flags of a collector, and what they ask for.</summary>
internal sealed class CollectFlags
{
    private const int LongestPattern = 4096;
    private static readonly TimeSpan MatchLimit = TimeSpan.FromMilliseconds(100);

    private readonly RunIdentity _identity = new();
    private readonly Option<bool> _perNode = Flag.Switch("--per-node", "write into a directory of the node's own below the run's: for several nodes on one disk");
    private readonly Option<int> _hostIntervalMs = Flag.Whole("--host-interval-ms", 1000, 10, 3_600_000, "time between two samples of the machine, in ms");
    private readonly Option<string?> _vmIp = Flag.Text("--vm-ip", "address of a peer or gateway: gives the interface by the route to it, and the propagation delay", "VM_IP");
    private readonly Option<int> _vmPort = Flag.Whole("--vm-port", 22, 1, 65_535, "TCP port of that peer, asked where ping is not allowed; it may refuse");
    private readonly Option<string?> _iface = Flag.Text("--iface", "network interface to measure; default: that of the route to --vm-ip, else of the default route", "IFACE");
    private readonly Option<string[]> _energyFiles = Flag.Several("--energy-file", "a counter of energy in µJ, beside those of powercap", "PATH");
    private readonly Option<bool?> _procSampling = Flag.OnOff("--proc-sampling", "sample processes; default: when a flag says which", "PROC_SAMPLING");
    private readonly Option<int> _intervalMs = Flag.Whole("--interval-ms", 200, 1, 3_600_000, "time between two samples of a process, in ms", "PROC_INTERVAL_MS");
    private readonly Option<string?> _procPidDir = Flag.Path("--proc-pid-dir", "directory of sentinels, <pid>; default: pids in the node's directory", "PROC_PID_DIR");
    private readonly Option<string?> _procMatch = Flag.Text("--proc-match", "sample processes whose command name matches this regular expression", "PROC_MATCH");
    private readonly Option<bool?> _procRefresh = Flag.OnOff("--proc-refresh", "look through all processes each second for new ones; default: yes", "PROC_REFRESH");
    private readonly Option<string?> _container = Flag.Text("--container", "sample the processes of a container", "CONTAINER");
    private readonly Option<string[]> _cgroups = Flag.Several("--cgroup", "sample the processes of a control group and those below it, given by its directory", "PATH");
    private readonly Option<string[]> _trees = Flag.Several("--pid", "sample a process and all its descendants", "PID");
    private readonly Option<int> _top = Flag.Whole("--top", 0, 0, 10_000, "sample the N busiest processes");
    private readonly Option<string> _topBy = Flag.Choice("--top-by", "cpu", ["cpu", "memory"], "what makes a process busy");
    private readonly Option<string?> _details = Flag.Text("--details", "more of each process, separated by commas: pss, threads, io, switches, faults, wait, or all");
    private readonly Option<bool> _realTime = Flag.Switch("--real-time", "sample processes at real-time priority: exact also on a machine that is fully loaded, at the workload's expense");
    private readonly Option<string?> _prometheus = Flag.Text("--prometheus", "serve the current values for a scrape there, HOST:PORT, at /metrics");
    private readonly Option<string?> _otlp = Flag.Text("--otlp", "send them as OpenTelemetry metrics there, http://HOST:4318 or grpc://HOST:4317");
    private readonly Option<int> _otlpIntervalMs = Flag.Whole("--otlp-interval-ms", 10_000, 100, 3_600_000, "time between two of these exports, in ms");
    private readonly Option<bool?> _timeSync = Flag.OnOff("--time-sync", "try to synchronise the clock first", "TIME_SYNC");
    private readonly Option<string> _ntpPool = Flag.TextOr("--ntp-pool", "pool.ntp.org", "time server for that", "NTP_POOL");

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        _identity.AddTo(command);
        foreach (Option option in (Option[])[
            _perNode, _hostIntervalMs, _vmIp, _vmPort, _iface, _energyFiles, _procSampling, _intervalMs, _procPidDir, _procMatch, _procRefresh, _container,
            _cgroups, _trees, _top, _topBy, _details, _realTime, _prometheus, _otlp, _otlpIntervalMs, _timeSync, _ntpPool])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The run's id, as given or made for now.</summary>
    /// <exception cref="UsageException">It is no id.</exception>
    public string GivenRunId(ParseResult result) => _identity.GivenRunId(result) ?? RunIdentity.MakeFreshRun(_identity.Logs(result));

    /// <summary>What they ask for.</summary>
    /// <exception cref="UsageException">Something that cannot be.</exception>
    public CollectOptions OptionsOf(ParseResult result, string runId)
    {
        var node = _identity.Node(result, runId);
        var iface = result.GetValue(_iface);
        var directory = CollectOptions.DirectoryOf(_identity.Logs(result), runId, node.Node!, result.GetValue(_perNode));
        var pool = result.GetValue(_ntpPool)!;
        return new CollectOptions
        {
            Node = node,
            Directory = directory,
            Interval = TimeSpan.FromMilliseconds(result.GetValue(_intervalMs)),
            HostInterval = TimeSpan.FromMilliseconds(result.GetValue(_hostIntervalMs)),
            Iface = iface is null || NetInterface.IsName(iface) ? iface : throw new UsageException($"interface '{Printable.Line(iface)}': no name of an interface"),
            Peer = Peer(result),
            PeerPort = result.GetValue(_vmPort),
            EnergyFiles = result.GetValue(_energyFiles) ?? [],
            Selection = Selection(result, directory),
            Container = result.GetValue(_container) is { Length: > 0 } container ? container : null,
            IsRealTime = result.GetValue(_realTime),
            Details = Details(result.GetValue(_details)),
            Prometheus = result.GetValue(_prometheus) is { } address ? ScrapeAddress.Parse(address) : null,
            Otlp = result.GetValue(_otlp) is { } endpoint ? OtlpEndpoint.Parse(endpoint) : null,
            OtlpInterval = TimeSpan.FromMilliseconds(result.GetValue(_otlpIntervalMs)),
            TimeSync = result.GetValue(_timeSync) == true,
            NtpPool = TimeSync.IsServerName(pool) ? pool : throw new UsageException($"time server '{Printable.Line(pool)}': give a host name or an address"),
        };
    }

    private ProcessSelection? Selection(ParseResult result, RunDirectory directory)
    {
        var match = result.GetValue(_procMatch) is { } pattern ? Pattern(pattern) : null;
        string[] cgroups = [.. (result.GetValue(_cgroups) ?? []).Select(ControlGroup)];
        int[] trees = [.. (result.GetValue(_trees) ?? []).Select(Pid)];
        var top = result.GetValue(_top);
        var sentinels = result.GetValue(_procPidDir);
        var isNamed = match is not null || cgroups.Length > 0 || trees.Length > 0 || top > 0 || sentinels is not null || result.GetValue(_container) is { Length: > 0 };
        if (!(result.GetValue(_procSampling) ?? isNamed))
        {
            return null;
        }

        return new ProcessSelection
        {
            SentinelDirectory = sentinels ?? directory.Pids,
            Match = match,
            Cgroups = cgroups,
            Trees = trees,
            Busiest = top,
            BusyBy = result.GetValue(_topBy) == "memory" ? BusyBy.Memory : BusyBy.Cpu,
            Refresh = result.GetValue(_procRefresh) ?? true ? TimeSpan.FromSeconds(1) : TimeSpan.FromDays(1),
        };
    }

    private static ProcessDetails Details(string? text)
    {
        var details = ProcessDetails.None;
        foreach (var word in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            details |= word switch
            {
                "pss" => ProcessDetails.Pss,
                "threads" => ProcessDetails.Threads,
                "io" => ProcessDetails.Io,
                "switches" => ProcessDetails.ContextSwitches,
                "faults" => ProcessDetails.PageFaults,
                "wait" => ProcessDetails.RunWait,
                "all" => ProcessDetails.All,
                _ => throw new UsageException($"--details '{Printable.Line(word)}': use pss, threads, io, switches, faults, wait or all, separated by commas"),
            };
        }

        return details;
    }

    private IPAddress? Peer(ParseResult result) => result.GetValue(_vmIp) is not { } text ? null
        // Not what IPAddress takes beside these: "1" is 0.0.0.1 to it.
        : (text.Count(c => c == '.') == 3 || text.Contains(':')) && IPAddress.TryParse(text, out var address)
            ? address
            : throw new UsageException($"address '{Printable.Line(text)}': give the IP address of a peer or gateway");

    private static Regex Pattern(string text)
    {
        try
        {
            // Linear in what it reads, whatever the pattern.
            return text.Length <= LongestPattern
                ? new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, MatchLimit)
                : throw new UsageException($"--proc-match: {text.Length} characters are more than {LongestPattern}");
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new UsageException($"--proc-match '{Printable.Line(text)}': {Printable.Line(e.Message)}");
        }
    }

    private static string ControlGroup(string path) => Path.IsPathRooted(path) && File.Exists(Path.Combine(path, "cgroup.procs"))
        ? path
        : throw new UsageException($"--cgroup {Printable.Line(path)}: no control group; give the absolute path of its directory, below /sys/fs/cgroup");

    private static int Pid(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 0 && ProcPidStat.Read(pid) is not null
            ? pid
            : throw new UsageException($"--pid {Printable.Line(text)}: there is no such process");
}
