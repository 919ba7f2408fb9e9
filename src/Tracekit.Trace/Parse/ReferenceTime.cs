using Tracekit.Trace.Lines;

namespace Tracekit.Trace.Parse;

/// <summary>
/// From a node's own clock, on which all its raw files are, to the reference clock, on which the compact trace is: one addition. Both steps
/// of the parser, invocations and samples, take it from here.
/// </summary>
/// <param name="shiftMs">What is added to a time, in ms; at most <see cref="FieldLimits.MaxTsMs"/> either way.</param>
internal readonly struct ReferenceTime(long shiftMs)
{
    /// <summary>What is added to a time, in ms.</summary>
    public long ShiftMs => shiftMs;

    /// <summary>That of a node: <see cref="ClockOffset.ShiftMs"/>.</summary>
    public static ReferenceTime Of(NodeMeta node) => new(node.Clock?.ShiftMs ?? 0);

    /// <summary>True for a time that is a usable time stamp once it is shifted. It may lie before 1970 on the node's own clock.</summary>
    public bool Reaches(long nodeMs) => nodeMs is >= -FieldLimits.MaxTsMs and <= FieldLimits.MaxTsMs && FieldLimits.IsTime(nodeMs + shiftMs);

    /// <summary>A time that <see cref="Reaches"/>, in ms since the epoch.</summary>
    public long Of(long nodeMs) => nodeMs + shiftMs;

    /// <summary>Shifts a sample in its place; false when its time is no usable time stamp then.</summary>
    public bool TryShift(ref ProcessSample sample)
    {
        if (shiftMs == 0)
        {
            return true;
        }

        if (!Reaches(sample.TsMs))
        {
            return false;
        }

        sample = sample with { TsMs = Of(sample.TsMs) };
        return true;
    }
}
