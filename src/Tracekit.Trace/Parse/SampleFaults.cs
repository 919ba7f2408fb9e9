namespace Tracekit.Trace.Parse;

/// <summary>
/// What the samples of a run showed that is worth telling; none of it loses CPU time, because the counters are cumulative.
/// </summary>
internal sealed class SampleFaults
{
    /// <summary>The most examples kept of each kind.</summary>
    public const int MaxExamples = 10;

    /// <summary>Ticks that stood in the file after their process's exit: another writer's buffer came late. Dropped.</summary>
    public long Late { get; set; }

    /// <summary>Samples not later than the one before of the same life. Dropped, except for an exit.</summary>
    public long NotIncreasing { get; set; }

    /// <summary>Examples of <see cref="NotIncreasing"/>: pid, time, the time before.</summary>
    public List<(int Pid, long TsMs, long PreviousTsMs)> NotIncreasingExamples { get; } = [];

    /// <summary>Lives that began because a CPU counter went back: a pid came back and its start was not seen.</summary>
    public long Restarts { get; set; }

    /// <summary>Examples of <see cref="Restarts"/>: pid and time.</summary>
    public List<(int Pid, long TsMs)> RestartExamples { get; } = [];

    /// <summary>Exits whose exact CPU time was below what the ticks before had already shown.</summary>
    public long ExitBelowTicks { get; set; }

    /// <summary>By how much in all, in ns.</summary>
    public long ExitBelowTicksNs { get; set; }

    /// <summary>Lives whose state was dropped to stay within <see cref="ProcessLives.MaxOpenLives"/>.</summary>
    public long Forgotten { get; set; }

    /// <summary>Notes a sample that does not come after the one before it.</summary>
    public void AddNotIncreasing(in ProcessSample sample, long previousTsMs)
    {
        NotIncreasing++;
        if (NotIncreasingExamples.Count < MaxExamples)
        {
            NotIncreasingExamples.Add((sample.Pid, sample.TsMs, previousTsMs));
        }
    }

    /// <summary>Notes a counter that went back.</summary>
    public void AddRestart(in ProcessSample sample)
    {
        Restarts++;
        if (RestartExamples.Count < MaxExamples)
        {
            RestartExamples.Add((sample.Pid, sample.TsMs));
        }
    }
}
