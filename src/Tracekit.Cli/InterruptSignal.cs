using System.Runtime.InteropServices;

namespace Tracekit.Cli;

/// <summary>SIGINT, SIGTERM and SIGHUP as a cancellation, so that a command can end in good order.</summary>
internal sealed class InterruptSignal : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly List<PosixSignalRegistration> _registrations = [];

    private InterruptSignal()
    {
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>How many signals have come.</summary>
    public int Count { get; private set; }

    /// <summary>Raised by each signal after the first, for whom good order takes too long.</summary>
    public event Action? Again;

    /// <summary>Begins to listen.</summary>
    public static InterruptSignal Listen()
    {
        var signal = new InterruptSignal();
        foreach (var number in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            signal._registrations.Add(PosixSignalRegistration.Create(number, signal.OnSignal));
        }

        return signal;
    }

    /// <summary>Stops listening.</summary>
    public void Dispose()
    {
        _registrations.ForEach(r => r.Dispose());
        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        Count++;
        if (Count == 1)
        {
            _source.Cancel();
        }
        else
        {
            Again?.Invoke();
        }
    }
}
