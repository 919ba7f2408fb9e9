namespace Tracekit.Trace.Cctf;

/// <summary>The three files of a wide trace that are about processes, open while the samples are read.</summary>
/// <param name="raw">Samples as they were recorded.</param>
/// <param name="cpu">CPU time of each window.</param>
/// <param name="rss">Resident set at the end of each window.</param>
internal sealed class CctfSamples(Stream raw, Stream cpu, Stream rss)
{
    /// <summary>
    /// Opens the files, and puts them in place when <paramref name="write"/> is done. Without samples, or where they are
    /// not wanted, there are no files, and <paramref name="write"/> gets null.
    /// </summary>
    public static void Write(RunDirectory node, bool wanted, Action<CctfSamples?> write)
    {
        var files = node.Cctf;
        if (!wanted || !File.Exists(node.ProcMetrics))
        {
            CctfDirectory.Remove(files.ProcMetrics);
            CctfDirectory.Remove(files.ProcCpu);
            CctfDirectory.Remove(files.ProcRss);
            write(null);
            return;
        }

        AtomicFile.Write(files.ProcMetrics, raw =>
            AtomicFile.Write(files.ProcCpu, cpu =>
                AtomicFile.Write(files.ProcRss, rss => write(new CctfSamples(raw, cpu, rss)))));
    }

    /// <summary>Appends lines to each.</summary>
    public void Append(ReadOnlySpan<byte> rawLines, ReadOnlySpan<byte> cpuLines, ReadOnlySpan<byte> rssLines)
    {
        raw.Write(rawLines);
        cpu.Write(cpuLines);
        rss.Write(rssLines);
    }
}
