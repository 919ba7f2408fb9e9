using Tracekit.Model;
using Tracekit.Schedule;

namespace Tracekit.Cli;

/// <summary>
/// Keeps a process's times and the Redis server's clock together: measures how the clocks stand before the first task goes in or out, and
/// then every minute until it is disposed.
/// </summary>
internal sealed class ServerTime : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly RedisControlPlane _control;
    private readonly RunClock _clock;
    private readonly Action<ClockOffset> _record;
    private readonly Action<string> _say;
    private readonly CancellationTokenSource _ending = new();
    private Task _keeping = Task.CompletedTask;

    private ServerTime(RedisControlPlane control, RunClock clock, Action<ClockOffset> record, Action<string> say)
    {
        _control = control;
        _clock = clock;
        _record = record;
        _say = say;
    }

    /// <summary>Measures for the first time, and goes on in the background.</summary>
    /// <param name="control">The control plane; without one there is nothing to measure.</param>
    /// <param name="clock">The process's clock.</param>
    /// <param name="record">Is told each result.</param>
    /// <param name="say">Takes one line each time that it failed; times then go on as before.</param>
    /// <param name="cancellation">Gives up the first measurement.</param>
    public static async Task<ServerTime?> KeepAsync(
        RedisControlPlane? control, RunClock clock, Action<ClockOffset> record, Action<string> say, CancellationToken cancellation)
    {
        if (control is null)
        {
            return null;
        }

        var time = new ServerTime(control, clock, record, say);
        await time.MeasureAsync(cancellation).ConfigureAwait(false);
        time._keeping = time.KeepAsync(time._ending.Token);
        return time;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(false);
        _ending.Dispose();
    }

    private async Task KeepAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await Task.Delay(Period, stop).ConfigureAwait(false);
                await MeasureAsync(stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The process is done.
        }
    }

    private async Task MeasureAsync(CancellationToken cancellation)
    {
        try
        {
            _record(await _control.MeasureClockAsync(_clock, cancellation).ConfigureAwait(false));
        }
        catch (TracekitException e)
        {
            _say($"how this clock stands to the Redis server's could not be measured or written down: {e.Message}");
        }
    }
}
