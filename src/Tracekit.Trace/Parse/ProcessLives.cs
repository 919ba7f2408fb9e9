using System.Runtime.InteropServices;

namespace Tracekit.Trace.Parse;

/// <summary>
/// From cumulative samples to windows, line by line in file order. A pid's samples make up lives: one begins at a <c>start</c> line, at the
/// first sample of a pid, after
/// an exit, or when a CPU counter goes back; it ends at its <c>exit</c> line. The windows of a life that has both tile it exactly, and
/// their CPU time
/// adds up to the exit's, to the nanosecond.
/// </summary>
/// <remarks>
/// The kernel shows children's CPU at a tick in steps of one clock tick but exactly at the exit, where it may thus be a little less. So
/// that no
/// window ever has to be negative, one clock tick of it is held back until the exit (a life without an exit line ends that much short).
/// </remarks>
/// <param name="tickNs">Length of a clock tick in ns.</param>
internal sealed class ProcessLives(long tickNs)
{
    /// <summary>
    /// The most lives without an exit that are remembered; beyond it those longest without a sample are dropped, and counted.
    /// </summary>
    public const int MaxOpenLives = 256 * 1024;

    /// <summary>The most exits that are remembered, to know a late line by.</summary>
    public const int MaxRememberedExits = 64 * 1024;

    private readonly Dictionary<int, Life> _lives = [];
    private readonly Queue<(int Pid, long ExitTsMs)> _exits = [];

    /// <summary>What was noted on the way.</summary>
    public SampleFaults Faults { get; } = new();

    /// <summary>Lives seen.</summary>
    public long LifeCount { get; private set; }

    /// <summary>Lives that had a start and no exit, as far as known; the caller takes them out.</summary>
    public List<(int Pid, long StartTsMs)> Abandoned { get; } = [];

    /// <summary>The window that ends at this sample; false when there is none to write.</summary>
    public bool Next(in ProcessSample sample, out CpuWindow window)
    {
        ref var life = ref CollectionsMarshal.GetValueRefOrAddDefault(_lives, sample.Pid, out var known);
        if (known && sample.TsMs <= life.PriorExitTsMs && (sample.Kind == SampleKind.Tick || (sample.Kind == SampleKind.Exit && !life.Alive)))
        {
            Faults.Late++;
            window = default;
            return false;
        }

        var isFirst = sample.Kind == SampleKind.Start || !life.Alive;
        if (!isFirst && IsNotLater(sample, ref life))
        {
            window = default;
            return false;
        }

        long ownNs = 0;
        if (!isFirst && !IsSameProcess(life, sample, out ownNs))
        {
            Faults.AddRestart(sample);
            isFirst = true;
        }

        window = isFirst ? Begin(ref life, sample) : Continue(ref life, sample, ownNs);
        if (sample.Kind == SampleKind.Exit)
        {
            End(ref life, sample);
        }
        else if (!known && _lives.Count > MaxOpenLives + MaxRememberedExits)
        {
            Forget(sample.TsMs);
        }

        return true;
    }

    /// <summary>At the end of the file: lives with a start and no exit become <see cref="Abandoned"/>.</summary>
    public void Finish()
    {
        foreach (var (pid, life) in _lives)
        {
            if (life is { Alive: true, HasStart: true })
            {
                Abandoned.Add((pid, life.StartTsMs));
            }
        }

        Abandoned.Sort((a, b) => a.StartTsMs.CompareTo(b.StartTsMs));
    }

    private bool IsNotLater(in ProcessSample sample, ref Life life)
    {
        if (sample.TsMs > life.LastTsMs)
        {
            return false;
        }

        if (sample.Kind == SampleKind.Exit)
        {
            // The last of the CPU time is only here: it goes into a window without length.
            if (sample.TsMs < life.LastTsMs)
            {
                Faults.AddNotIncreasing(sample, life.LastTsMs);
            }

            return false;
        }

        // A tick in the millisecond of the start is no fault: there is just no window between them.
        if (!life.HasStart || sample.TsMs != life.StartTsMs)
        {
            Faults.AddNotIncreasing(sample, life.LastTsMs);
        }

        return true;
    }

    private CpuWindow Begin(ref Life life, in ProcessSample sample)
    {
        if (life is { Alive: true, HasStart: true })
        {
            Abandoned.Add((sample.Pid, life.StartTsMs));
        }

        LifeCount++;
        var isExact = sample.CpuNs >= 0;
        var own = isExact ? sample.CpuNs : TicksOf(sample) * tickNs;
        var children = Certain(sample);
        life = new Life
        {
            Alive = true,
            HasStart = sample.Kind == SampleKind.Start,
            StartTsMs = sample.TsMs,
            PriorExitTsMs = life.PriorExitTsMs,
            LastTsMs = sample.TsMs,
            LastCpuNs = sample.CpuNs,
            LastTicks = TicksOf(sample),
            BeganExact = isExact,
            OwnNs = own,
            ChildrenNs = children,
        };
        return new CpuWindow(sample.TsMs, sample.Pid, 0, 0, sample.RssKb, CpuBeforeNs: own + children, Kind: sample.Kind);
    }

    private CpuWindow Continue(ref Life life, in ProcessSample sample, long ownNs)
    {
        var childrenNs = Certain(sample) - life.ChildrenNs;
        if (sample.Kind != SampleKind.Exit)
        {
            childrenNs = Math.Max(0, childrenNs);
        }

        var cpuNs = ownNs + childrenNs;
        if (cpuNs < 0)
        {
            Faults.ExitBelowTicks++;
            Faults.ExitBelowTicksNs -= cpuNs;
            cpuNs = 0;
        }

        var window = new CpuWindow(
            sample.TsMs,
            sample.Pid,
            Math.Max(0, sample.TsMs - life.LastTsMs),
            cpuNs,
            sample.RssKb,
            ChildrenCpuNs: Math.Clamp(childrenNs, 0, cpuNs),
            Kind: sample.Kind);
        life.LastTsMs = sample.TsMs;
        life.LastCpuNs = sample.CpuNs;
        life.LastTicks = TicksOf(sample);
        life.OwnNs += ownNs;
        life.ChildrenNs += childrenNs;
        return window;
    }

    /// <summary>
    /// False when the process's own CPU time went back: this is another process. An exit may lie below the ticks by less than a clock tick,
    /// from rounding.
    /// </summary>
    private bool IsSameProcess(in Life life, in ProcessSample sample, out long ownNs)
    {
        var ticks = TicksOf(sample);
        var backNs = sample.CpuNs >= 0 && life.LastCpuNs >= 0 ? life.LastCpuNs - sample.CpuNs : (life.LastTicks - ticks) * tickNs;
        ownNs = life.BeganExact ? OwnOfExactLife(life, sample, ticks)
            : sample.CpuNs >= 0 && life.LastCpuNs >= 0 ? sample.CpuNs - life.LastCpuNs
            : (ticks - life.LastTicks) * tickNs;
        return backNs <= 0 || (sample.Kind == SampleKind.Exit && backNs < tickNs);
    }

    /// <summary>
    /// In a life that began with nanoseconds a sample without them counts for the whole ticks it shows, which is never too much, and the
    /// next exact one settles
    /// the account.
    /// </summary>
    private long OwnOfExactLife(in Life life, in ProcessSample sample, long ticks) =>
        sample.CpuNs < 0 ? Math.Max(0, (ticks * tickNs) - life.OwnNs)
        : sample.Kind == SampleKind.Exit ? sample.CpuNs - life.OwnNs
        : Math.Max(0, sample.CpuNs - life.OwnNs);

    private void End(ref Life life, in ProcessSample sample)
    {
        life = new Life { PriorExitTsMs = sample.TsMs };
        _exits.Enqueue((sample.Pid, sample.TsMs));
        if (_exits.Count > MaxRememberedExits)
        {
            var (pid, exitTsMs) = _exits.Dequeue();
            if (_lives.TryGetValue(pid, out var old) && !old.Alive && old.PriorExitTsMs == exitTsMs)
            {
                _lives.Remove(pid);
            }
        }
    }

    private void Forget(long nowMs)
    {
        const long LongIdleMs = 600_000;
        for (var idleMs = LongIdleMs; _lives.Count > MaxOpenLives / 2; idleMs /= 2)
        {
            foreach (var (pid, life) in _lives)
            {
                if (life.Alive && (life.LastTsMs < nowMs - idleMs || idleMs == 0))
                {
                    _lives.Remove(pid);
                    Faults.Forgotten++;
                }
            }

            if (idleMs == 0)
            {
                return;
            }
        }
    }

    private long Certain(in ProcessSample sample) =>
        sample.Kind == SampleKind.Exit ? sample.ChildrenCpuNs : Math.Max(0, sample.ChildrenCpuNs - tickNs);

    private static long TicksOf(in ProcessSample sample) => sample.UtimeTicks + sample.StimeTicks;

    private struct Life
    {
        public bool Alive;
        public bool HasStart;
        public bool BeganExact;
        public long StartTsMs;
        public long PriorExitTsMs;
        public long LastTsMs;
        public long LastCpuNs;
        public long LastTicks;
        public long OwnNs;
        public long ChildrenNs;
    }
}
