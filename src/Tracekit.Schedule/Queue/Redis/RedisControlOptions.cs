using Tracekit.Redis;

namespace Tracekit.Schedule;

/// <summary>How the control plane on Redis is used.</summary>
/// <param name="Redis">The server.</param>
public sealed record RedisControlOptions(RedisOptions Redis)
{
    /// <summary>How long a worker or the leading scheduler may be silent before its work is given to others.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a task is tried before it goes to the dead letters.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>The dispatch that this process pushes or waits for; null for none.</summary>
    public string? DispatchId { get; init; }

    /// <summary>Sets a node's free capacity to its total, whatever its queue holds.</summary>
    public bool ResetCapacity { get; init; }

    /// <summary>Deletes what is left in a node's queue when it registers.</summary>
    public bool ClearQueue { get; init; }

    /// <summary>Takes one line for each event worth knowing.</summary>
    public Action<string> Report { get; init; } = _ => { };
}
