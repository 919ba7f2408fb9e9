namespace Tracekit.Schedule;

/// <summary>Looks into a video.</summary>
public interface IMediaProbe
{
    /// <summary>The length of a video; null when it is corrupt or missing, which is no error here.</summary>
    ValueTask<TimeSpan?> DurationAsync(string path, CancellationToken cancellation);
}

/// <summary>Fills in how long the inputs of tasks are.</summary>
public static class InputDurations
{
    /// <summary>Probes each input once and returns the tasks with <see cref="TaskSpec.DurationS"/> set; null stays where the probe cannot tell.</summary>
    public static async Task<IReadOnlyList<TaskSpec>> ProbeAsync(IReadOnlyList<TaskSpec> tasks, IMediaProbe probe, CancellationToken cancellation)
    {
        var durations = new Dictionary<string, TimeSpan?>(StringComparer.Ordinal);
        foreach (var task in tasks)
        {
            if (!durations.ContainsKey(task.Input))
            {
                durations[task.Input] = await probe.DurationAsync(task.Input, cancellation);
            }
        }

        return [.. tasks.Select(task => task with { DurationS = durations[task.Input]?.TotalSeconds })];
    }
}
