using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Tracekit.Parquet;

namespace Tracekit.Trace.OpenDc;

/// <summary>Fragments on their way to the file: three columns of the same length.</summary>
internal sealed class FragmentBatch
{
    /// <summary>Fragments in a full batch.</summary>
    public const int Capacity = 32 * 1024;

    /// <summary>Ids of the tasks.</summary>
    public int[] Ids { get; } = new int[Capacity];

    /// <summary>Durations in ms.</summary>
    public long[] Durations { get; } = new long[Capacity];

    /// <summary>Use of CPU in MHz.</summary>
    public double[] Usages { get; } = new double[Capacity];

    /// <summary>Fragments in it.</summary>
    public int Count { get; set; }
}

/// <summary>
/// Writes <c>fragments.parquet</c> on a thread of its own, so that encoding runs beside reading. At most <see cref="MaxBatches"/> batches
/// are in memory, beside the
/// row group that is being built.
/// </summary>
internal sealed class FragmentFile : IDisposable
{
    /// <summary>Batches that are filled, wait, or are being encoded.</summary>
    public const int MaxBatches = 4;

    /// <summary>Fragments in a row group: a few MB.</summary>
    public const int RowGroupRows = 256 * 1024;

    private readonly BlockingCollection<FragmentBatch> _full = new(MaxBatches);
    private readonly BlockingCollection<FragmentBatch> _empty = new(MaxBatches);
    private readonly CancellationTokenSource _failed = new();
    private readonly Thread _thread;
    private FragmentBatch _batch = new();
    private ExceptionDispatchInfo? _error;

    /// <summary>Begins the file.</summary>
    public FragmentFile(Stream stream)
    {
        for (var i = 1; i < MaxBatches; i++)
        {
            _empty.Add(new FragmentBatch());
        }

        _thread = new Thread(() => Encode(stream)) { IsBackground = true, Name = "tracekit fragments" };
        _thread.Start();
    }

    /// <summary>The columns of the file.</summary>
    public static ParquetSchema Schema { get; } = new(ParquetColumn.Int32("id"), ParquetColumn.Int64("duration"), ParquetColumn.Double("cpu_usage"));

    /// <summary>Fragments added.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a fragment.</summary>
    public void Add(int id, long durationMs, double cpuMhz)
    {
        var at = _batch.Count++;
        _batch.Ids[at] = id;
        _batch.Durations[at] = durationMs;
        _batch.Usages[at] = cpuMhz;
        Count++;
        if (_batch.Count == FragmentBatch.Capacity)
        {
            HandOver();
        }
    }

    /// <summary>Writes what is left and the footer.</summary>
    public void Complete()
    {
        HandOver();
        _full.CompleteAdding();
        _thread.Join();
        _error?.Throw();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _full.CompleteAdding();
        _thread.Join();
        _full.Dispose();
        _empty.Dispose();
        _failed.Dispose();
    }

    private void HandOver()
    {
        try
        {
            _full.Add(_batch, _failed.Token);
            _batch = _empty.Take(_failed.Token);
        }
        catch (OperationCanceledException) when (_error is not null)
        {
            _error.Throw();
        }
    }

    private void Encode(Stream stream)
    {
        try
        {
            using var writer = ParquetWriter.Create(stream, Schema, new ParquetWriterOptions { RowGroupRows = RowGroupRows }, leaveOpen: true);
            var ids = writer.Column<int>("id");
            var durations = writer.Column<long>("duration");
            var usages = writer.Column<double>("cpu_usage");
            foreach (var batch in _full.GetConsumingEnumerable())
            {
                ids.Append(batch.Ids.AsSpan(0, batch.Count));
                durations.Append(batch.Durations.AsSpan(0, batch.Count));
                usages.Append(batch.Usages.AsSpan(0, batch.Count));
                writer.EndRows(batch.Count);
                batch.Count = 0;
                _empty.Add(batch);
            }

            writer.Close();
        }
        catch (Exception e)
        {
            _error = ExceptionDispatchInfo.Capture(e);
            _failed.Cancel();
        }
    }
}
