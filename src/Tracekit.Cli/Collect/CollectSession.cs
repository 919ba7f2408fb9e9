using System.Globalization;
using System.Text.Json;
using Tracekit.Collect;
using Tracekit.Collect.Daemon;
using Tracekit.Collect.Host;
using Tracekit.Collect.Time;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Cli.Collect;

/// <summary>One collector at work, from the first look at the clock to the last line.</summary>
internal static class CollectSession
{
    private static readonly TimeSpan StatusEvery = TimeSpan.FromSeconds(1);

    /// <summary>Collects until it is interrupted.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="directory">The node directory, claimed.</param>
    /// <param name="interrupt">Ends it.</param>
    /// <param name="ready">Hears, in lines, what is done, once it is being done.</param>
    /// <exception cref="TracekitException">It cannot begin, or its status cannot be written at the start.</exception>
    public static void Run(CollectOptions options, RunDirectory directory, InterruptSignal interrupt, Action<IReadOnlyList<string>> ready)
    {
        Synchronise(options, directory, interrupt.Token);
        var iface = LinkDescription.Iface(options.Iface, options.Peer);
        if (iface is null)
        {
            Log.Line("no network interface leads anywhere: links are not measured; give --iface to choose one");
        }

        var link = LinkDescription.Measure(iface, options.Peer, options.PeerPort);
        AtomicFile.Write(directory.LinkMeta, JsonSerializer.SerializeToUtf8Bytes(link, TraceJson.Indented.LinkMeta));
        NodeMetaFile.Write(directory, Describe(options, directory, iface));

        // After the clock was set: from here on it is counted and not looked at.
        var clock = new RunClock(TimeProvider.System);
        var status = new CollectorStatus
        {
            RunId = options.Node.RunId,
            Node = options.Node.Node,
            Pid = Environment.ProcessId,
            State = "running",
            StartedMs = clock.NowMs,
            IntervalMs = options.Selection is null ? null : (long)options.Interval.TotalMilliseconds,
            HostIntervalMs = (long)options.HostInterval.TotalMilliseconds,
        };
        var hostOptions = new HostSamplerOptions { Node = options.Node.Node!, Interval = options.HostInterval, Iface = iface, EnergyFiles = options.EnergyFiles };
        using var host = new HostSampler(hostOptions, directory, clock, TimeProvider.System, Log.Line);
        using var processes = options.Selection is { } selection ? ProcessCollection.Begin(options, selection, directory, clock) : null;
        CollectorSnapshot Snapshot() => (processes?.Snapshot() ?? new CollectorSnapshot(default, null, [])) with { Host = host.Reading };
        using var telemetry = TelemetryOutlets.Open(options, Snapshot, interrupt.Token);
        CollectorStatus Now() => StatusOf(status with { TsMs = clock.NowMs }, host, processes);
        Now().Write(directory);
        ready([.. Lines(options, directory, iface, processes), .. telemetry.Lines]);
        Watch(directory, Now, interrupt.Token);
        telemetry.Dispose();
        processes?.Dispose();
        host.Dispose();
        TryWrite(directory, Now() with { State = "stopped" });
    }

    private static void Synchronise(CollectOptions options, RunDirectory directory, CancellationToken cancellation)
    {
        TimeSync.Note(directory.TimeSync, "at the start");
        if (options.TimeSync)
        {
            TimeSync.Attempt(directory.TimeSync, options.NtpPool, Log.Line, cancellation);
            TimeSync.Note(directory.TimeSync, "after the attempt");
        }
    }

    private static NodeMeta Describe(CollectOptions options, RunDirectory directory, string? iface)
    {
        var clock = SystemClock.Read();

        // What a worker measured against the reference clock of the run stays.
        return options.Node with
        {
            Iface = iface,
            Clock = NodeMetaFile.Read(directory)?.Clock,
            SampleIntervalMs = options.Selection is null ? NodeMetaFile.Read(directory)?.SampleIntervalMs : (long)options.Interval.TotalMilliseconds,
            HostIntervalMs = (long)options.HostInterval.TotalMilliseconds,
            ClockSource = SystemClock.Source(),
            SystemClockSynchronised = clock?.IsSynchronised,
            SystemClockOffsetMs = clock?.OffsetMs,
            SystemClockMaxErrorMs = clock?.MaxErrorMs,
            SystemClockEstErrorMs = clock?.EstErrorMs,
        };
    }

    private static CollectorStatus StatusOf(CollectorStatus status, HostSampler host, ProcessCollection? processes)
    {
        var counts = host.Counts;
        var withHost = status with
        {
            HostTicks = counts.Ticks,
            HostMissed = counts.MissedTicks,
            HostDropped = counts.DroppedLines,
            ClockSteps = counts.ClockSteps,
            Trouble = host.DropReason,
        };
        return processes?.AddTo(withHost) ?? withHost;
    }

    private static void Watch(RunDirectory directory, Func<CollectorStatus> now, CancellationToken cancellation)
    {
        string? told = null;
        while (!cancellation.WaitHandle.WaitOne(StatusEvery))
        {
            var status = now();
            var trouble = status.Trouble ?? TryWrite(directory, status);
            if (trouble is not null && trouble != told)
            {
                Log.Line($"{trouble}; sampling goes on");
            }

            told = trouble;
            if (status.Trouble is not null)
            {
                TryWrite(directory, status);
            }
        }
    }

    // A full disk does not end the collector: what matters is counted, and the next status tells.
    private static string? TryWrite(RunDirectory directory, CollectorStatus status)
    {
        try
        {
            status.Write(directory);
            return null;
        }
        catch (TracekitException e)
        {
            return e.Message;
        }
    }

    private static string[] Lines(CollectOptions options, RunDirectory directory, string? iface, ProcessCollection? processes)
    {
        var selection = options.Selection;
        var mode = selection is null ? "host" : $"host and processes ({string.Join(", ", Sources(selection, options.Container))}; found by {processes?.Mode})";
        var ms = string.Create(CultureInfo.InvariantCulture, $"host {options.HostInterval.TotalMilliseconds} ms");
        return
        [
            $"running   node {options.Node.Node}, run {options.Node.RunId}, pid {Environment.ProcessId}",
            $"mode      {mode}, interface {iface ?? "none"}",
            selection is null ? $"interval  {ms}" : string.Create(CultureInfo.InvariantCulture, $"interval  processes {options.Interval.TotalMilliseconds} ms, {ms}"),
            $"file      {(selection is null ? directory.Resources : directory.ProcMetrics)}",
        ];
    }

    private static IEnumerable<string> Sources(ProcessSelection selection, string? container)
    {
        if (container is not null)
        {
            yield return $"container {container}";
        }

        yield return $"sentinels in {selection.SentinelDirectory}";
        if (selection.Match is { } match)
        {
            yield return $"names that match {Printable.Line(match.ToString())}";
        }

        foreach (var cgroup in selection.Cgroups)
        {
            yield return $"control group {cgroup}";
        }

        foreach (var tree in selection.Trees)
        {
            yield return $"process {tree} and its descendants";
        }

        if (selection.Busiest > 0)
        {
            yield return $"the {selection.Busiest} busiest by {(selection.BusyBy == BusyBy.Cpu ? "cpu" : "memory")}";
        }
    }
}
