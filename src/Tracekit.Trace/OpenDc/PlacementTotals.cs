namespace Tracekit.Trace.OpenDc;

/// <summary>What placing CPU time in fragments needed beyond copying windows, added up over all tasks.</summary>
internal sealed class PlacementTotals
{
    /// <summary>Pieces that are kept back right now.</summary>
    public long PendingPieces;

    /// <summary>Stretches of tasks' lives under no window.</summary>
    public long Gaps;

    /// <summary>Their time in ms.</summary>
    public long GapMs;

    /// <summary>CPU time put into gaps because the invocation or the first sample tells of it, in ns.</summary>
    public long GapCpuNs;

    /// <summary>CPU time that invocations tell of and for which there was no gap with room, in ns.</summary>
    public long UnplacedNs;

    /// <summary>CPU time of waited-for children that was spread over more than the window it showed in, in ns.</summary>
    public long SpreadChildrenNs;

    /// <summary>CPU time beyond what the cores can do in a window, moved to its neighbours, in ns.</summary>
    public long MovedNs;

    /// <summary>CPU time that found room nowhere, so that fragments show more than the node has, in ns.</summary>
    public long ForcedNs;

    /// <summary>
    /// CPU time of windows that lie mostly outside their task, beyond what the cores can do in the part inside; left out, in ns.
    /// </summary>
    public long OutsideNs;

    /// <summary>Times children's CPU time should have been spread over windows that had already left the buffer.</summary>
    public long SpreadsCutShort;

    /// <summary>Gaps that had left the buffer before their CPU time was known.</summary>
    public long GapsCutShort;
}
