using Tracekit.Trace.Lines;
using Tracekit.Trace.Parse;

namespace Tracekit.Trace.Merge;

/// <summary>
/// Joins files of records in time order: at every step the earliest of the records that the files have next. Records of the same millisecond
/// stand in the order of the files, and within a file in its order. In memory is a window of each file.
/// </summary>
internal static class RecordMerge
{
    private const int CheckCancellationEvery = 4096;

    /// <summary>Joins the files.</summary>
    /// <param name="files">Each file, and what its records are given where they do not say it.</param>
    /// <param name="output">Where the joined lines go.</param>
    /// <param name="cancellation">Stops.</param>
    public static RecordMergeCount Write(IReadOnlyList<(string Path, RecordLabel Label)> files, Stream output, CancellationToken cancellation)
    {
        var sources = new List<RecordSource>(files.Count);
        try
        {
            var next = new PriorityQueue<int, (long Ms, int Source)>(files.Count);
            foreach (var (path, label) in files)
            {
                sources.Add(new RecordSource(path, label));
                Enqueue(next, sources, sources.Count - 1);
            }

            long records = 0;
            while (next.TryDequeue(out var source, out _))
            {
                output.Write(sources[source].Line);
                if (++records % CheckCancellationEvery == 0)
                {
                    cancellation.ThrowIfCancellationRequested();
                }

                Enqueue(next, sources, source);
            }

            return new RecordMergeCount(
                records, sources.Sum(s => s.OutOfOrder), [.. sources.Select((s, i) => s.Count(files[i].Path)).Where(c => c.BadLines > 0 || c.TornTail)]);
        }
        finally
        {
            sources.ForEach(s => s.Dispose());
        }
    }

    private static void Enqueue(PriorityQueue<int, (long Ms, int Source)> next, List<RecordSource> sources, int source)
    {
        if (sources[source].MoveNext())
        {
            next.Enqueue(source, (sources[source].OrderMs, source));
        }
    }
}

/// <summary>What joining files of records came to.</summary>
/// <param name="Records">Records written.</param>
/// <param name="OutOfOrder">Those that stood too far from their place to be put there.</param>
/// <param name="Faulty">Files with lines that hold no record.</param>
internal readonly record struct RecordMergeCount(long Records, long OutOfOrder, IReadOnlyList<FileCount> Faulty);
