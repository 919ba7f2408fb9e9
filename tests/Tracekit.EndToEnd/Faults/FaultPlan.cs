using System.Globalization;

namespace Tracekit.EndToEnd;

/// <summary>What a fault strikes.</summary>
internal enum FaultTarget
{
    /// <summary>One of the two schedulers is killed.</summary>
    Scheduler,

    /// <summary>One of the workers is killed.</summary>
    Worker,

    /// <summary>The dispatcher is killed.</summary>
    Dispatcher,

    /// <summary>Redis is killed.</summary>
    Redis,

    /// <summary>The network of the last worker falls silent.</summary>
    Silence,

    /// <summary>The network of the last worker breaks.</summary>
    Break,
}

/// <summary>One fault.</summary>
/// <param name="AtMs">When, from the start of the run.</param>
/// <param name="Target">What it strikes.</param>
/// <param name="Index">Which one of them.</param>
/// <param name="DownMs">After how long it is there again.</param>
internal sealed record Fault(int AtMs, FaultTarget Target, int Index, int DownMs)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{AtMs} ms: {Target} {Index} for {DownMs} ms");
}

/// <summary>Everything about a run that chance decides; the same seed gives the same plan.</summary>
internal sealed record FaultPlan(int Seed, bool Slots, double TaskSeconds, int PulseIntervalMs, IReadOnlyList<Fault> Faults)
{
    public const int Schedulers = 2;
    public const int Workers = 3;

    private const int FirstFaultMs = 150;
    private const int LastFaultMs = 2500;

    /// <summary>Draws a plan.</summary>
    public static FaultPlan Of(int seed)
    {
        var random = new Random(seed);
        var slots = seed % 2 == 0;
        var taskSeconds = random.Next(3, 12) * 0.01;
        var pulseIntervalMs = random.Next(10, 600);
        var faults = new Fault[random.Next(3, 8)];
        for (var i = 0; i < faults.Length; i++)
        {
            var at = random.Next(FirstFaultMs, LastFaultMs);
            faults[i] = random.Next(10) switch
            {
                < 2 => new Fault(at, FaultTarget.Scheduler, random.Next(Schedulers), random.Next(0, 800)),
                < 5 => new Fault(at, FaultTarget.Worker, random.Next(Workers), random.Next(0, 1500)),
                < 6 => new Fault(at, FaultTarget.Dispatcher, 0, random.Next(0, 400)),
                < 8 => new Fault(at, FaultTarget.Redis, 0, random.Next(0, 1500)),
                < 9 => new Fault(at, FaultTarget.Silence, Workers - 1, random.Next(100, 2500)),
                _ => new Fault(at, FaultTarget.Break, Workers - 1, random.Next(100, 2500)),
            };
        }

        return new FaultPlan(seed, slots, taskSeconds, pulseIntervalMs, [.. faults.OrderBy(f => f.AtMs)]);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"seed {Seed}: {(Slots ? "slots" : "capacity only")}, tasks of {TaskSeconds:0.00} s, pulses of {PulseIntervalMs} ms; {string.Join("; ", Faults)}");
}
