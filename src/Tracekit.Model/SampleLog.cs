namespace Tracekit.Model;

/// <summary>
/// The one writer of a <c>proc_metrics.jsonl</c> within this process. The collector opens a batch for a whole tick and the launcher writes
/// single lines, and the lock between them keeps each process's samples in time order in the file.
/// </summary>
/// <param name="sink">Where the lines go.</param>
public sealed class SampleLog(ILineSink sink)
{
    private const int FlushBytes = 64 * 1024;

    private readonly Lock _lock = new();
    private readonly byte[] _buffer = new byte[FlushBytes + ProcessSample.MaxFormattedBytes];
    private int _length;

    /// <summary>Samples that could not be written, for example on a full disk.</summary>
    public long DroppedCount { get; private set; }

    /// <summary>The last reason why samples were dropped.</summary>
    public string? DropReason { get; private set; }

    /// <summary>Writes one sample at once.</summary>
    public void Append(in ProcessSample sample)
    {
        using var batch = Begin();
        batch.Append(sample);
    }

    /// <summary>Opens a batch; other writers wait until it is disposed, which writes it out.</summary>
    public Batch Begin()
    {
        _lock.Enter();
        return new Batch(this);
    }

    private void Flush(int samples)
    {
        if (_length == 0)
        {
            return;
        }

        try
        {
            sink.Append(_buffer.AsSpan(0, _length));
        }
        catch (TracekitException e)
        {
            // Sampling goes on: the disk may have room again, and cumulative counters bridge the gap.
            DroppedCount += samples;
            DropReason = e.Message;
        }

        _length = 0;
    }

    /// <summary>Samples that are written together.</summary>
    public ref struct Batch
    {
        private readonly SampleLog _log;
        private int _samples;

        internal Batch(SampleLog log) => _log = log;

        /// <summary>Adds a sample.</summary>
        public void Append(in ProcessSample sample)
        {
            _log._length += sample.Format(_log._buffer.AsSpan(_log._length));
            _samples++;
            if (_log._length >= FlushBytes)
            {
                _log.Flush(_samples);
                _samples = 0;
            }
        }

        /// <summary>Writes what was added and lets other writers in.</summary>
        public readonly void Dispose()
        {
            _log.Flush(_samples);
            _log._lock.Exit();
        }
    }
}
