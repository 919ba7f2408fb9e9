namespace Tracekit.Trace.Parse;

/// <summary>What reading one file of a run came to.</summary>
/// <param name="File">Its name within the node directory.</param>
/// <param name="Lines">Lines that held a record.</param>
/// <param name="BadLines">Lines that held none: no JSON, a wrong type, a number out of range, too long. Skipped.</param>
/// <param name="FirstBadLine">Number of the first of them, from 1; 0 when there is none.</param>
/// <param name="TornTail">True when the last line was cut in the middle: its writer was killed.</param>
public sealed record FileCount(string File, long Lines, long BadLines, long FirstBadLine, bool TornTail);
