using Tracekit.Trace.Cctf;
using Tracekit.Trace.Lines;

namespace Tracekit.Trace.Parse;

/// <summary>One piece of <c>proc_metrics.jsonl</c> on its way to the compact and the wide trace.</summary>
internal sealed class SampleChunk(SamplePass pass) : IChunkWork
{
    private const int InitialLines = 4096;

    private ProcessSample[] _samples = new ProcessSample[InitialLines];
    private CpuWindow[] _windows = new CpuWindow[InitialLines];
    private byte[] _text = new byte[ChunkPipeline.ChunkBytes * 2];
    private readonly WideSampleText? _wide = pass.Wide is null ? null : new WideSampleText(pass.Reference);
    private LineTally _lines;
    private int _sampleCount;
    private int _windowCount;
    private int _textLength;

    /// <inheritdoc/>
    public void Parse(ReadOnlySpan<byte> lines)
    {
        _lines = default;
        _sampleCount = 0;
        _wide?.Clear();
        var reference = pass.Reference;
        var splitter = new LineSplitter(lines);
        while (splitter.MoveNext())
        {
            _lines.Seen++;
            if (_sampleCount == _samples.Length)
            {
                Array.Resize(ref _samples, _sampleCount * 2);
            }

            ref var sample = ref _samples[_sampleCount];
            if (SampleLine.TryParse(splitter.Line, out sample) && reference.TryShift(ref sample))
            {
                _wide?.AddSample(splitter.Line, sample);
                _sampleCount++;
                _lines.Good++;
            }
            else if (!splitter.IsBlank)
            {
                _lines.AddBad(splitter.HasLineFeed);
            }
        }

        if (_windows.Length < _sampleCount)
        {
            _windows = new CpuWindow[_samples.Length];
        }
    }

    /// <inheritdoc/>
    public void InOrder() => _windowCount = pass.Advance(_samples.AsSpan(0, _sampleCount), _lines, _windows);

    /// <inheritdoc/>
    public void Format()
    {
        _textLength = 0;
        foreach (ref readonly var window in _windows.AsSpan(0, _windowCount))
        {
            if (_text.Length - _textLength < CpuWindow.MaxFormattedBytes)
            {
                Array.Resize(ref _text, _text.Length * 2);
            }

            _textLength += window.Format(_text.AsSpan(_textLength));
            _wide?.AddWindow(window);
        }
    }

    /// <inheritdoc/>
    public void Write()
    {
        pass.Write(_text.AsSpan(0, _textLength));
        if (pass.Wide is { } files)
        {
            _wide!.WriteTo(files);
        }
    }
}
