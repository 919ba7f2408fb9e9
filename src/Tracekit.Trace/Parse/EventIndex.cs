using Tracekit.Trace.Lines;

namespace Tracekit.Trace.Parse;

/// <summary>Where an invocation's line is, and when it started. 24 bytes, so that a million of them are cheap to sort.</summary>
internal readonly record struct EventRef(long SortMs, long Offset, int Source, int Length);

/// <summary>
/// The invocations of a node directory, found in its raw files and sorted by start. The lines themselves stay on disk.
/// </summary>
internal sealed class EventIndex
{
    private readonly List<EventRef> _refs = [];

    private EventIndex(IReadOnlyList<string> sources, ReferenceTime reference) => (Sources, Reference) = (sources, reference);

    /// <summary>The raw files.</summary>
    public IReadOnlyList<string> Sources { get; }

    /// <summary>From the clock of the raw files to that of the compact trace.</summary>
    public ReferenceTime Reference { get; }

    /// <summary>What reading each came to.</summary>
    public List<FileCount> Files { get; } = [];

    /// <summary>The invocations by start; those of the same millisecond in file order.</summary>
    public EventRef[] Refs { get; private set; } = [];

    /// <summary>Reads <c>events.*.jsonl</c>; where there is none, <c>events.jsonl</c>.</summary>
    public static EventIndex Read(RunDirectory node, ReferenceTime reference, CancellationToken cancellation)
    {
        var sources = node.EventSources();
        var index = new EventIndex(sources.Count > 0 ? sources : File.Exists(node.Events) ? [node.Events] : [], reference);
        var buffer = new byte[JsonLines.MaxLineBytes];
        for (var source = 0; source < index.Sources.Count; source++)
        {
            cancellation.ThrowIfCancellationRequested();
            index.ReadSource(source, buffer);
        }

        // The sort of arrays is not stable; the position breaks ties.
        index.Refs = [.. index._refs];
        index._refs.Clear();
        index._refs.Capacity = 0;
        Array.Sort(index.Refs, static (a, b) =>
        {
            var byTime = a.SortMs.CompareTo(b.SortMs);
            var bySource = byTime != 0 ? byTime : a.Source.CompareTo(b.Source);
            return bySource != 0 ? bySource : a.Offset.CompareTo(b.Offset);
        });
        return index;
    }

    private void ReadSource(int source, byte[] buffer)
    {
        using var file = new ChunkReader(Sources[source]);
        var tally = default(LineTally);
        long previousMs = 0;
        while (file.Read(buffer, out var offset) is > 0 and var length)
        {
            var lines = new LineSplitter(buffer.AsSpan(0, length));
            while (lines.MoveNext())
            {
                tally.Seen++;
                if (lines.IsBlank)
                {
                    continue;
                }

                if (EventLine.TryParse(lines.Line, Reference) is not { } invocation)
                {
                    tally.AddBad(lines.HasLineFeed);
                    continue;
                }

                tally.Good++;
                previousMs = invocation.TsStart ?? invocation.TsEnqueue ?? invocation.TsEnd ?? previousMs;
                _refs.Add(new EventRef(previousMs, offset + lines.Offset, source, lines.Line.Length));
            }
        }

        Files.Add(tally.ToCount(Path.GetFileName(Sources[source]), file.TooLongLines));
    }
}
