using System.Runtime.ExceptionServices;

namespace Tracekit.Trace.Lines;

/// <summary>
/// One piece of a file on its way through the four steps of a <see cref="ChunkPipeline"/>. A worker thread owns one and uses it for piece
/// after piece, so that its
/// buffers are allocated once.
/// </summary>
internal interface IChunkWork
{
    /// <summary>Side by side with other pieces: from bytes to values.</summary>
    /// <param name="lines">Whole lines; the last one of a file may lack its line feed.</param>
    void Parse(ReadOnlySpan<byte> lines);

    /// <summary>In file order, one piece at a time: what depends on the lines before.</summary>
    void InOrder();

    /// <summary>Side by side with other pieces: from values to bytes.</summary>
    void Format();

    /// <summary>In file order, one piece at a time: out.</summary>
    void Write();
}

/// <summary>
/// Reads a file of lines on several cores and keeps its order. There is no queue between the steps: each worker takes one piece through all
/// of them, and two
/// turnstiles put the ordered steps in order. So the memory in flight is one piece a worker, whatever the size of the file.
/// </summary>
internal static class ChunkPipeline
{
    /// <summary>
    /// Bytes of a piece, and the longest line that is read: a few thousand lines, and text and values together stay in the caches.
    /// </summary>
    public const int ChunkBytes = 256 * 1024;

    /// <summary>The most worker threads.</summary>
    public const int MaxWorkers = 9;

    /// <summary>One more than there are cores, so that nobody idles while one waits for its turn or for the disk.</summary>
    public static int DefaultWorkers => Math.Min(Environment.ProcessorCount + 1, MaxWorkers);

    /// <summary>Runs the whole file through.</summary>
    /// <param name="file">The file.</param>
    /// <param name="workers">Threads.</param>
    /// <param name="create">Makes the state of one worker.</param>
    /// <param name="cancellation">Stops between two pieces.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static void Run(ChunkReader file, int workers, Func<IChunkWork> create, CancellationToken cancellation)
    {
        var run = new Belt(file, cancellation);
        var threads = new Thread[workers - 1];
        for (var i = 0; i < threads.Length; i++)
        {
            var work = create();
            threads[i] = new Thread(() => run.Work(work)) { IsBackground = true, Name = $"tracekit chunk {i + 1}" };
            threads[i].Start();
        }

        run.Work(create());
        foreach (var thread in threads)
        {
            thread.Join();
        }

        run.ThrowFirstError();
    }

    private sealed class Belt(ChunkReader file, CancellationToken cancellation)
    {
        private readonly Lock _reading = new();
        private readonly Turnstile _inOrder = new();
        private readonly Turnstile _write = new();
        private long _ticket;
        private ExceptionDispatchInfo? _error;

        public void Work(IChunkWork work)
        {
            try
            {
                var buffer = new byte[ChunkBytes];
                while (Next(buffer, out var ticket) is > 0 and var length)
                {
                    work.Parse(buffer.AsSpan(0, length));
                    if (!_inOrder.Pass(ticket, work.InOrder))
                    {
                        return;
                    }

                    work.Format();
                    if (!_write.Pass(ticket, work.Write))
                    {
                        return;
                    }
                }
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref _error, ExceptionDispatchInfo.Capture(e), null);
                _inOrder.Break();
                _write.Break();
            }
        }

        public void ThrowFirstError() => _error?.Throw();

        private int Next(byte[] buffer, out long ticket)
        {
            lock (_reading)
            {
                cancellation.ThrowIfCancellationRequested();
                ticket = _ticket;
                var length = _error is null ? file.Read(buffer, out _) : 0;
                _ticket++;
                return length;
            }
        }
    }
}
