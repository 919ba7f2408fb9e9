using System.Buffers;
using Tracekit.Trace.Lines;
using Tracekit.Trace.Parse;

namespace Tracekit.Trace.Cctf;

/// <summary>
/// The files of records that the wide trace takes over as they are, on the reference clock and with node and stage: host and link metrics,
/// placement events, gauges. A raw file that is absent has no file in the wide trace.
/// </summary>
internal static class CctfRecords
{
    /// <summary>Writes them; returns what reading each raw file came to.</summary>
    public static IReadOnlyList<FileCount> Write(RunDirectory node, ReferenceTime reference, RecordLabel label, CancellationToken cancellation)
    {
        var counts = new List<FileCount>();
        foreach (var (from, to) in ((string, string)[])[
            (node.Resources, node.Cctf.HostMetrics),
            (node.Links, node.Cctf.LinkMetrics),
            (node.PlacementEvents, node.Cctf.PlacementEvents),
            (node.SystemStats, node.Cctf.SystemStats)])
        {
            if (!File.Exists(from))
            {
                CctfDirectory.Remove(to);
                continue;
            }

            AtomicFile.Write(to, output => counts.Add(Copy(from, output, new RecordLine(reference, label), cancellation)));
        }

        return counts;
    }

    private static FileCount Copy(string from, Stream output, RecordLine record, CancellationToken cancellation)
    {
        using var file = new ChunkReader(from);
        var buffer = new byte[JsonLines.MaxLineBytes];
        var text = new ArrayBufferWriter<byte>(ChunkPipeline.ChunkBytes);
        var tally = default(LineTally);
        while (file.Read(buffer, out _) is > 0 and var length)
        {
            cancellation.ThrowIfCancellationRequested();
            text.ResetWrittenCount();
            var lines = new LineSplitter(buffer.AsSpan(0, length));
            while (lines.MoveNext())
            {
                tally.Seen++;
                if (record.TryScan(lines.Line))
                {
                    tally.Good++;
                    record.Write(lines.Line, text);
                }
                else if (!lines.IsBlank)
                {
                    tally.AddBad(lines.HasLineFeed);
                }
            }

            output.Write(text.WrittenSpan);
        }

        return tally.ToCount(Path.GetFileName(from), file.TooLongLines);
    }
}
