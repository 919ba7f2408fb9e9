namespace Tracekit.Trace.Lines;

/// <summary>Lets ticket 0 through, then 1, then 2: what is behind it happens in that order, whichever thread does it.</summary>
internal sealed class Turnstile
{
    private readonly object _gate = new();
    private long _next;
    private bool _broken;

    /// <summary>
    /// Does <paramref name="work"/> when it is <paramref name="ticket"/>'s turn. False when the turnstile was broken meanwhile.
    /// </summary>
    public bool Pass(long ticket, Action work)
    {
        lock (_gate)
        {
            while (_next != ticket && !_broken)
            {
                Monitor.Wait(_gate);
            }

            if (_broken)
            {
                return false;
            }
        }

        // Outside the lock: those who come later only have to look, not to wait for the work, to know that it is not their turn.
        work();
        lock (_gate)
        {
            _next++;
            Monitor.PulseAll(_gate);
        }

        return true;
    }

    /// <summary>Sends everybody home: somebody before them failed.</summary>
    public void Break()
    {
        lock (_gate)
        {
            _broken = true;
            Monitor.PulseAll(_gate);
        }
    }
}
