using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect.Host;

/// <summary>What of a machine is sampled.</summary>
public sealed record HostSamplerOptions
{
    /// <summary>The node's id, for the name of its link.</summary>
    public required string Node { get; init; }

    /// <summary>Time between two samples.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The network interface; null for none.</summary>
    public string? Iface { get; init; }

    /// <summary>Counters of energy beside those of powercap: files of one number in µJ.</summary>
    public IReadOnlyList<string> EnergyFiles { get; init; } = [];
}

/// <summary>What a host sampler did.</summary>
/// <param name="Ticks">Ticks served.</param>
/// <param name="MissedTicks">Ticks whose time passed while another was being served.</param>
/// <param name="DroppedLines">Lines that could not be written.</param>
/// <param name="ClockSteps">Steps of the system clock that were noticed.</param>
public readonly record struct HostCounts(long Ticks, long MissedTicks, long DroppedLines, long ClockSteps);

/// <summary>
/// Samples the machine at a fixed interval, on a thread of its own, until it is disposed: CPU, memory, pressure and energy into <c>resources.jsonl</c>, the
/// network interface into <c>links.jsonl</c>, steps of the system clock into <c>clock_events.jsonl</c>. In steady state it makes no garbage. Rates are of the
/// time since the reading before; the last, shorter interval ends with the sampler.
/// </summary>
public sealed class HostSampler : IDisposable
{
    // The kernel counts CPU time in steps of this; a shorter last interval says nothing.
    private const long LeastLastIntervalMs = 10;

    private readonly RunClock _clock;
    private readonly Lock _lock = new();
    private readonly AppendFile _resourcesFile;
    private readonly AppendFile? _linksFile;
    private readonly HostLines _resources;
    private readonly HostLines? _links;
    private readonly CpuMeter? _cpu;
    private readonly MemoryMeter? _memory;
    private readonly LinkMeter? _link;
    private readonly ClockMeter _clockMeter;
    private readonly EnergyMeter[] _energy;
    private readonly IHostMeter[] _meters;
    private readonly string? _iface;
    private readonly TickSchedule _schedule;
    private readonly TickWaiter _waiter;
    private readonly Thread _thread;
    private volatile bool _stopping;
    private long _ticks;
    private long _lastMs;

    /// <summary>Opens the files, takes the first readings and begins.</summary>
    /// <param name="options">What is sampled.</param>
    /// <param name="directory">Where lines go.</param>
    /// <param name="clock">Stamps them.</param>
    /// <param name="time">The system clock, which is watched for steps.</param>
    /// <param name="report">Hears, in one line each, of what cannot be measured and of what happens to it.</param>
    /// <exception cref="TracekitException">A file cannot be written.</exception>
    /// <exception cref="UsageException">A counter of energy that was named cannot be read.</exception>
    public HostSampler(HostSamplerOptions options, RunDirectory directory, RunClock clock, TimeProvider time, Action<string> report)
    {
        _clock = clock;
        _iface = options.Iface;
        _resourcesFile = AppendFile.Open(directory.Resources);
        _resources = new HostLines(_resourcesFile);
        _cpu = CpuMeter.TryOpen(_resources);
        _memory = MemoryMeter.TryOpen(_resources);
        _energy = [.. EnergyMeters(options.EnergyFiles, _resources, clock.NowNs, report)];
        if (_iface is not null)
        {
            _linksFile = AppendFile.Open(directory.Links);
            _links = new HostLines(_linksFile);
            _link = LinkMeter.TryOpen(_iface, options.Node, _links, report, clock.NowNs);
        }

        _clockMeter = new ClockMeter(time, directory, report);
        _meters = [.. ((IHostMeter?[])[_cpu, _memory, _link, _clockMeter]).OfType<IHostMeter>(), .. PressureMeter.OpenAll(_resources), .. _energy];
        foreach (var (meter, what) in ((IHostMeter?, string)[])[(_cpu, "/proc/stat"), (_memory, "/proc/meminfo")])
        {
            if (meter is null)
            {
                report($"{what}: cannot be read; it is left out");
            }
        }

        _lastMs = clock.NowMs;
        _waiter = new TickWaiter();
        _schedule = new TickSchedule(options.Interval, clock.NowNs);
        _thread = new Thread(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = "host-sampler" };
        _thread.Start();
    }

    /// <summary>What it did so far.</summary>
    public HostCounts Counts => new(
        Volatile.Read(ref _ticks), _schedule.MissedCount, _resources.DroppedCount + (_links?.DroppedCount ?? 0), _clockMeter.StepCount);

    /// <summary>The last reason why lines could not be written; null for none.</summary>
    public string? DropReason => _resources.DropReason ?? _links?.DropReason;

    /// <summary>The machine as it was at the last tick.</summary>
    public HostReading Reading
    {
        get
        {
            lock (_lock)
            {
                return new HostReading
                {
                    TsMs = _lastMs,
                    CpuUtilPercent = _cpu?.UtilPercent,
                    MemFreeMb = _memory?.FreeMb,
                    MemTotalMb = _memory?.TotalMb,
                    Iface = _iface,
                    RxBytes = _link?.Counters?.RxBytes,
                    TxBytes = _link?.Counters?.TxBytes,
                    EnergyJoules = EnergyJoules(),
                };
            }
        }
    }

    /// <summary>Samples the last interval, stops, and waits for that.</summary>
    public void Dispose()
    {
        if (_stopping)
        {
            return;
        }

        _stopping = true;
        _waiter.Wake();
        _thread.Join();
        if (_clock.NowMs - _lastMs >= LeastLastIntervalMs)
        {
            Tick();
        }

        _waiter.Dispose();
        foreach (var meter in _meters)
        {
            meter.Dispose();
        }

        _resourcesFile.Dispose();
        _linksFile?.Dispose();
    }

    private static IEnumerable<EnergyMeter> EnergyMeters(IReadOnlyList<string> files, HostLines lines, long nowNs, Action<string> report)
    {
        foreach (var zone in PowercapZone.Find())
        {
            if (EnergyMeter.TryOpen(zone, lines, report, nowNs) is { } meter)
            {
                yield return meter;
            }
            else
            {
                report($"energy of {zone.Name}: {zone.EnergyFile} cannot be read (it is for root); it is left out");
            }
        }

        foreach (var file in files)
        {
            yield return EnergyMeter.TryOpen(PowercapZone.OfFile(file), lines, report, nowNs)
                ?? throw new UsageException($"--energy-file {Printable.Line(file)}: cannot be read; give a file that holds one number, in µJ");
        }
    }

    private void Run()
    {
        while (!_stopping)
        {
            _waiter.Wait(_schedule.RemainingNs(_clock.NowNs), null);
            if (!_stopping && _schedule.IsDue(_clock.NowNs))
            {
                Tick();
            }
        }
    }

    private void Tick()
    {
        lock (_lock)
        {
            _lastMs = _clock.NowMs;
            foreach (var meter in _meters)
            {
                meter.Sample(_lastMs, _clock.NowNs);
            }
        }

        _resources.Flush();
        _links?.Flush();
        Volatile.Write(ref _ticks, _ticks + 1);
    }

    private double? EnergyJoules()
    {
        const double UjPerJoule = 1e6;
        long? sum = null;
        foreach (var meter in _energy)
        {
            sum = meter.IsPackage ? (sum ?? 0) + meter.UsedUj : sum;
        }

        return sum / UjPerJoule;
    }
}
