using System.Globalization;
using Tracekit.Model;

namespace Tracekit.Schedule;

/// <summary>How tasks enter the pending queue (<c>--pending-mode</c>).</summary>
public enum PendingMode
{
    /// <summary>Up to so many at once, at a fixed interval.</summary>
    Pulse,

    /// <summary>A few whenever the queue is short.</summary>
    Fifo,
}

/// <summary>The flags of <c>dispatch</c> that say when and where tasks go.</summary>
public sealed record DispatcherOptions
{
    /// <summary>The longest interval, in seconds.</summary>
    public const double MaxIntervalS = 3600;

    /// <summary>The order of the tasks.</summary>
    public DispatchPolicy Policy { get; init; }

    /// <summary>
    /// Nodes to send tasks to past the scheduler; empty sends all to the pending queue. <c>--pending</c> leaves this empty.
    /// </summary>
    public IReadOnlyList<string> Nodes { get; init; } = [];

    /// <summary>How tasks enter the pending queue.</summary>
    public PendingMode PendingMode { get; init; }

    /// <summary>With pulse: tasks at a time.</summary>
    public int PulseSize { get; init; } = 10;

    /// <summary>With pulse: ms from one pulse to the next.</summary>
    public int PulseIntervalMs { get; init; } = 100;

    /// <summary>With fifo: the pending queue is kept no longer than this.</summary>
    public int PendingMax { get; init; } = 6;

    /// <summary>With fifo: tasks at a time.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>With fifo: seconds between batches.</summary>
    public double DribbleIntervalS { get; init; } = 0.1;

    /// <summary>With duration-online: a node whose queue is longer gets no more for now.</summary>
    public int BacklogLimit { get; init; } = DispatchOrder.DefaultBacklogLimit;

    /// <summary>Reads <c>--pending-mode</c>.</summary>
    /// <exception cref="UsageException">It is neither pulse nor fifo.</exception>
    public static PendingMode ParseMode(string text) => text switch
    {
        "pulse" => PendingMode.Pulse,
        "fifo" => PendingMode.Fifo,
        _ => throw new UsageException($"--pending-mode '{Printable.Line(text)}': use pulse or fifo"),
    };

    /// <summary>Makes sure that every flag is in its range.</summary>
    /// <exception cref="UsageException">One is not.</exception>
    public void Check()
    {
        CheckRange("--pulse-size", PulseSize, 1, TaskPlan.MaxTasks);
        CheckRange("--pulse-interval", PulseIntervalMs, 0, MaxIntervalS * 1000);
        CheckRange("--pending-max", PendingMax, 1, InProcessControlPlane.DefaultMaxPending);
        CheckRange("--batch-size", BatchSize, 1, TaskPlan.MaxTasks);
        CheckRange("--dribble-interval", DribbleIntervalS, 0, MaxIntervalS);
        CheckRange("--backlog-limit", BacklogLimit, 0, TaskPlan.MaxTasks);
        foreach (var node in Nodes)
        {
            Identifier.Check(node, "--nodes");
        }
    }

    private static void CheckRange(string flag, double value, double low, double high)
    {
        if (!(value >= low && value <= high))
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{flag} {value}: must be {low} to {high}"));
        }
    }
}
