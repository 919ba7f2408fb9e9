using Tracekit.Trace.Lines;
using Tracekit.Trace.Parse;

namespace Tracekit.Trace.OpenDc;

/// <summary>One piece of <c>CTS/proc_metrics.jsonl</c> on its way into fragments.</summary>
internal sealed class WindowChunk(NodeExport export, Action report) : IChunkWork
{
    private const int InitialLines = 4096;

    private CpuWindow[] _windows = new CpuWindow[InitialLines];
    private LineTally _lines;
    private int _count;

    /// <inheritdoc/>
    public void Parse(ReadOnlySpan<byte> lines)
    {
        _lines = default;
        _count = 0;
        var splitter = new LineSplitter(lines);
        while (splitter.MoveNext())
        {
            _lines.Seen++;
            if (_count == _windows.Length)
            {
                Array.Resize(ref _windows, _count * 2);
            }

            if (WindowLine.TryParse(splitter.Line, out _windows[_count]))
            {
                _count++;
                _lines.Good++;
            }
            else if (!splitter.IsBlank)
            {
                _lines.AddBad(splitter.HasLineFeed);
            }
        }
    }

    /// <inheritdoc/>
    public void InOrder()
    {
        export.Add(_windows.AsSpan(0, _count), _lines);
        report();
    }

    /// <inheritdoc/>
    public void Format()
    {
        // Fragments are encoded by the file's own thread.
    }

    /// <inheritdoc/>
    public void Write()
    {
        // The order was needed one step before.
    }
}
