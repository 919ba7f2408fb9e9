using System.Globalization;
using Tracekit.Collect.Time;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect.Host;

/// <summary>Watches the system clock for steps, and says so where people and programs look.</summary>
/// <param name="time">The clocks.</param>
/// <param name="directory">Whose <c>clock_events.jsonl</c> and <c>timesync.log</c> are written, once there is something to write.</param>
/// <param name="report">Hears of it.</param>
internal sealed class ClockMeter(TimeProvider time, RunDirectory directory, Action<string> report) : IHostMeter
{
    private readonly ClockStepDetector _detector = new(time);

    /// <summary>Steps so far.</summary>
    public long StepCount { get; private set; }

    public void Sample(long tsMs, long nowNs)
    {
        if (_detector.Look() is not { } stepMs)
        {
            return;
        }

        StepCount++;
        var text = string.Create(CultureInfo.InvariantCulture, $"the system clock stepped by {stepMs:+0.000;-0.000} ms; times of this run are not moved by it");
        report(text);
        try
        {
            var line = new byte[HostLine.MaxBytes];
            using var file = AppendFile.Open(directory.ClockEvents);
            file.Append(line.AsSpan(0, new ClockStep(tsMs, stepMs).Format(line)));
            TimeSyncLog.Append(directory.TimeSync, tsMs, text);
        }
        catch (TracekitException e)
        {
            report($"the step is not on record: {e.Message}");
        }
    }

    public void Dispose()
    {
    }
}
