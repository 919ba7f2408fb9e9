using Tracekit.Trace;

namespace Tracekit.Cli.Display;

/// <summary>How far a long step is, on standard error: a bar on a terminal, nothing elsewhere.</summary>
internal sealed class StepProgress : IProgress<TraceProgress>, IDisposable
{
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private readonly long _since = Environment.TickCount64;
    private long _lastDrawn = Environment.TickCount64;
    private bool _isDrawn;

    /// <inheritdoc/>
    public void Report(TraceProgress value)
    {
        if (!_isTerminal)
        {
            return;
        }

        lock (_lock)
        {
            var now = Environment.TickCount64;
            if (now - _since < Patience.TotalMilliseconds || now - _lastDrawn < Redraw.TotalMilliseconds)
            {
                return;
            }

            const int Width = 40;
            _lastDrawn = now;
            _isDrawn = true;
            var share = value.BytesTotal > 0 ? Math.Clamp(value.BytesDone / (double)value.BytesTotal, 0, 1) : 0;
            var done = (int)(share * Width);
            Console.Error.Write($"\r{value.Step,-7} {new string('━', done)}{new string('╌', Width - done)} {share,4:0%} of {value.BytesTotal / 1_000_000} MB ");
        }
    }

    /// <summary>Removes the bar.</summary>
    public void Dispose()
    {
        if (_isDrawn)
        {
            Console.Error.Write("\r" + new string(' ', 78) + "\r");
        }
    }
}
