using System.Buffers;
using Tracekit.Trace.Lines;
using Tracekit.Trace.Parse;

namespace Tracekit.Trace.Cctf;

/// <summary>What one piece of samples becomes in the wide trace. A worker owns one and uses it for piece after piece.</summary>
internal sealed class WideSampleText(ReferenceTime reference)
{
    private readonly RecordLine _record = new(reference, new RecordLabel(null, null));
    private readonly ArrayBufferWriter<byte> _raw = new(ChunkPipeline.ChunkBytes);
    private byte[] _cpu = new byte[ChunkPipeline.ChunkBytes];
    private byte[] _rss = new byte[ChunkPipeline.ChunkBytes];
    private int _cpuLength;
    private int _rssLength;

    /// <summary>Forgets the piece before.</summary>
    public void Clear()
    {
        _raw.ResetWrittenCount();
        _cpuLength = _rssLength = 0;
    }

    /// <summary>Adds a sample as it was recorded, its time shifted.</summary>
    /// <param name="line">Its line.</param>
    /// <param name="sample">What the line says, on the reference clock already.</param>
    public void AddSample(ReadOnlySpan<byte> line, in ProcessSample sample)
    {
        if (reference.ShiftMs == 0)
        {
            _raw.Write(line.TrimEnd((byte)'\r'));
            _raw.Write("\n"u8);
        }
        else if (SampleLine.TryShiftOurs(line, sample.TsMs, _raw))
        {
            _raw.Write("\n"u8);
        }
        else if (_record.TryScan(line))
        {
            _record.Write(line, _raw);
        }
    }

    /// <summary>Adds a window.</summary>
    public void AddWindow(in CpuWindow window)
    {
        if (_cpu.Length - _cpuLength < CpuWindow.MaxFormattedBytes)
        {
            Array.Resize(ref _cpu, _cpu.Length * 2);
        }

        if (_rss.Length - _rssLength < CpuWindow.MaxFormattedBytes)
        {
            Array.Resize(ref _rss, _rss.Length * 2);
        }

        _cpuLength += window.FormatCpu(_cpu.AsSpan(_cpuLength));
        _rssLength += window.FormatRss(_rss.AsSpan(_rssLength));
    }

    /// <summary>Out.</summary>
    public void WriteTo(CctfSamples files) => files.Append(_raw.WrittenSpan, _cpu.AsSpan(0, _cpuLength), _rss.AsSpan(0, _rssLength));
}
