using Tracekit.Trace.Tasks;

namespace Tracekit.Trace.OpenDc;

/// <summary>Puts an amount of CPU time into pieces evenly, that is in proportion to their length, as far as they have room.</summary>
internal static class PieceFill
{
    // Each round fills at least one piece to the brim or places everything; what a hostile trace leaves after that many is placed last
    // piece first.
    private const int MaxRounds = 8;

    /// <summary>Fills pieces <paramref name="from"/> to <paramref name="to"/> (exclusive); returns what found no room.</summary>
    public static long Evenly(PieceQueue pieces, int from, int to, long ns, long nsPerMs, bool onlyGaps = false)
    {
        for (var round = 0; round < MaxRounds && ns > 0; round++)
        {
            var openMs = OpenMs(pieces, from, to, nsPerMs, onlyGaps);
            if (openMs == 0)
            {
                return ns;
            }

            ns = OneRound(pieces, from, to, ns, nsPerMs, onlyGaps, openMs);
        }

        for (var i = to - 1; i >= from && ns > 0; i--)
        {
            ref var piece = ref pieces[i];
            var given = Math.Min(ns, Room(piece, nsPerMs, onlyGaps));
            piece.CpuNs += given;
            ns -= given;
        }

        return ns;
    }

    /// <summary>Puts an amount into all pieces evenly, whether they have room or not.</summary>
    public static void Beyond(PieceQueue pieces, long ns)
    {
        long totalMs = 0;
        for (var i = 0; i < pieces.Count; i++)
        {
            totalMs += pieces[i].DtMs;
        }

        long doneMs = 0;
        for (var i = 0; i < pieces.Count; i++)
        {
            ref var piece = ref pieces[i];
            piece.CpuNs = Amount.Add(piece.CpuNs, Amount.Share(ns, doneMs, piece.DtMs, totalMs));
            doneMs += piece.DtMs;
        }
    }

    private static long OneRound(PieceQueue pieces, int from, int to, long ns, long nsPerMs, bool onlyGaps, long openMs)
    {
        var left = ns;
        long doneMs = 0;
        for (var i = from; i < to; i++)
        {
            ref var piece = ref pieces[i];
            var room = Room(piece, nsPerMs, onlyGaps);
            if (room == 0)
            {
                continue;
            }

            var given = Math.Min(room, Amount.Share(ns, doneMs, piece.DtMs, openMs));
            doneMs += piece.DtMs;
            piece.CpuNs += given;
            left -= given;
        }

        return left;
    }

    private static long OpenMs(PieceQueue pieces, int from, int to, long nsPerMs, bool onlyGaps)
    {
        long ms = 0;
        for (var i = from; i < to; i++)
        {
            ms += Room(pieces[i], nsPerMs, onlyGaps) > 0 ? pieces[i].DtMs : 0;
        }

        return ms;
    }

    private static long Room(in Piece piece, long nsPerMs, bool onlyGaps) =>
        onlyGaps && !piece.IsGap ? 0 : Math.Max(0, Amount.Multiply(piece.DtMs, nsPerMs) - piece.CpuNs);
}
