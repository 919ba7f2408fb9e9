namespace Tracekit.Trace.Parse;

/// <summary>Counts the lines of a file, good and bad, in pieces or as a whole.</summary>
internal struct LineTally
{
    /// <summary>Lines seen, blank ones included, so that line numbers are those of an editor.</summary>
    public long Seen;

    /// <summary>Lines that held a record.</summary>
    public long Good;

    /// <summary>Lines that did not.</summary>
    public long Bad;

    /// <summary>Number of the first bad line, from 1; 0 for none.</summary>
    public long FirstBad;

    /// <summary>True when the last line was cut.</summary>
    public bool TornTail;

    /// <summary>Counts a line without a record.</summary>
    /// <param name="ended">False for a last line without a line feed: that one is forgiven.</param>
    public void AddBad(bool ended)
    {
        if (!ended)
        {
            TornTail = true;
            return;
        }

        Bad++;
        FirstBad = FirstBad == 0 ? Seen : FirstBad;
    }

    /// <summary>Adds a piece that follows this one.</summary>
    public void Append(in LineTally next)
    {
        FirstBad = FirstBad == 0 && next.FirstBad > 0 ? Seen + next.FirstBad : FirstBad;
        Seen += next.Seen;
        Good += next.Good;
        Bad += next.Bad;
        TornTail |= next.TornTail;
    }

    /// <summary>The result for a file in which <paramref name="tooLong"/> further lines were too long to read.</summary>
    public readonly FileCount ToCount(string file, long tooLong) => new(file, Good, Bad + tooLong, FirstBad, TornTail);
}
