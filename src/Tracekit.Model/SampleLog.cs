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
    private readonly byte[] _buffer = new byte[FlushBytes + ProcessSample.MaxDetailedBytes];
    private readonly List<ProcessSample> _ends = [];
    private readonly List<ProcessSample> _keptEnds = [];
    private int _length;
    private int _count;

    /// <summary>How many baselines and closing samples are kept while they cannot be written.</summary>
    public const int MaxKept = 10_000;

    /// <summary>Samples that could not be written, for example on a full disk.</summary>
    public long DroppedCount { get; private set; }

    /// <summary>The last reason why samples were dropped.</summary>
    public string? DropReason { get; private set; }

    /// <summary>True while the last attempt to write failed.</summary>
    public bool IsFailing { get; private set; }

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

    private void Flush()
    {
        if (_length == 0 && _keptEnds.Count == 0)
        {
            return;
        }

        try
        {
            WriteKeptEnds();
            sink.Append(_buffer.AsSpan(0, _length));
            IsFailing = false;
        }
        catch (TracekitException e)
        {
            // Sampling goes on: the disk may have room again, and cumulative counters bridge the gap. What stands for itself is kept.
            IsFailing = true;
            var kept = Math.Min(_ends.Count, MaxKept - _keptEnds.Count);
            _keptEnds.AddRange(_ends.Take(kept));
            DroppedCount += _count - kept;
            DropReason = e.Message;
        }

        _ends.Clear();
        (_length, _count) = (0, 0);
    }

    // Before anything newer, so that each process's samples stay in time order.
    private void WriteKeptEnds()
    {
        if (_keptEnds.Count == 0)
        {
            return;
        }

        var lines = new byte[_keptEnds.Count * ProcessSample.MaxFormattedBytes];
        var length = 0;
        foreach (var sample in _keptEnds)
        {
            length += sample.Format(lines.AsSpan(length));
        }

        sink.Append(lines.AsSpan(0, length));
        _keptEnds.Clear();
    }

    /// <summary>Samples that are written together.</summary>
    public readonly ref struct Batch
    {
        private readonly SampleLog _log;

        internal Batch(SampleLog log) => _log = log;

        /// <summary>Adds a sample.</summary>
        public void Append(in ProcessSample sample)
        {
            _log._length += sample.Format(_log._buffer.AsSpan(_log._length));
            Added(sample);
        }

        /// <summary>Adds a sample with further fields.</summary>
        public void Append(in ProcessSample sample, in SampleDetails details)
        {
            _log._length += sample.Format(_log._buffer.AsSpan(_log._length), details);
            Added(sample);
        }

        private void Added(in ProcessSample sample)
        {
            if (sample.Kind != SampleKind.Tick)
            {
                _log._ends.Add(sample);
            }

            _log._count++;
            if (_log._length >= FlushBytes)
            {
                _log.Flush();
            }
        }

        /// <summary>Writes what was added and lets other writers in.</summary>
        public void Dispose()
        {
            _log.Flush();
            _log._lock.Exit();
        }
    }
}
