using Tracekit.Trace.Cctf;
using Tracekit.Trace.Lines;
using Tracekit.Trace.Tasks;

namespace Tracekit.Trace.Parse;

/// <summary>What the ordered steps of the sample pass share.</summary>
internal sealed class SamplePass(
    ReferenceTime reference, ProcessLives lives, TaskTallies tallies, Stream output, CctfSamples? wide, ChunkReader input, IProgress<TraceProgress>? progress)
{
    private LineTally _lines;

    /// <summary>From the clock of the samples to that of the windows.</summary>
    public ReferenceTime Reference => reference;

    /// <summary>The same samples in the wide trace; null where it has none.</summary>
    public CctfSamples? Wide => wide;

    /// <summary>Samples and bad lines.</summary>
    public LineTally Lines => _lines;

    /// <summary>Windows written.</summary>
    public long Windows { get; private set; }

    /// <summary>Lives with a start, no exit and no invocation.</summary>
    public long Unfinished { get; private set; }

    /// <summary>Some of them.</summary>
    public List<(int Pid, long StartTsMs)> UnfinishedExamples { get; } = [];

    /// <summary>In file order: samples become windows, and windows are added up.</summary>
    public int Advance(ReadOnlySpan<ProcessSample> samples, in LineTally lines, Span<CpuWindow> windows)
    {
        _lines.Append(lines);
        var count = 0;
        foreach (ref readonly var sample in samples)
        {
            if (lives.Next(sample, out windows[count]))
            {
                tallies.Add(windows[count]);
                count++;
            }
        }

        TakeAbandoned();
        Windows += count;
        return count;
    }

    /// <summary>In file order: out.</summary>
    public void Write(ReadOnlySpan<byte> lines)
    {
        output.Write(lines);
        progress?.Report(new TraceProgress("parse", input.Position, input.Length));
    }

    /// <summary>At the end of the file.</summary>
    public void Finish()
    {
        lives.Finish();
        TakeAbandoned();
    }

    private void TakeAbandoned()
    {
        foreach (var (pid, startTsMs) in lives.Abandoned)
        {
            if (tallies.AnyAt(pid, startTsMs))
            {
                continue;
            }

            Unfinished++;
            if (UnfinishedExamples.Count < SampleFaults.MaxExamples)
            {
                UnfinishedExamples.Add((pid, startTsMs));
            }
        }

        lives.Abandoned.Clear();
    }
}
