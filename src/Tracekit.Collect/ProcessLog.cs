using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tracekit.Model;

namespace Tracekit.Collect;

/// <summary>
/// The writer of <c>processes.jsonl</c>: which pid was what. What cannot be written is counted, and a line says so when there is room again.
/// </summary>
internal sealed class ProcessLog(ILineSink? sink) : IDisposable
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _lines = new(16 * 1024);
    private readonly Utf8JsonWriter _json = new(new ArrayBufferWriter<byte>(256), Options);
    private int _pending;
    private long _dropped;
    private long _droppedSinceMs;

    /// <summary>Lines that could not be written.</summary>
    public long DroppedCount { get; private set; }

    /// <summary>A process began, was found, or executes another program.</summary>
    public void Event(string what, long tsMs, TrackedProcess process)
    {
        if (Begin(what, tsMs, process))
        {
            End();
        }
    }

    /// <summary>A process ended.</summary>
    /// <param name="tsMs">When.</param>
    /// <param name="process">Which.</param>
    /// <param name="status">Its exit status as a shell gives it; null when nobody told us.</param>
    /// <param name="cpuNs">All its CPU time.</param>
    /// <param name="cpuFrom">Where that comes from: <c>clock</c> (exact), <c>taskstats</c> (up to its last reading on the way out; at worst a timer tick a thread is missing), <c>sample</c> (up to its last sample).</param>
    public void Exit(long tsMs, TrackedProcess process, int? status, long cpuNs, string cpuFrom)
    {
        if (!Begin("exit", tsMs, process))
        {
            return;
        }

        if (status is { } code)
        {
            _json.WriteNumber("status"u8, code);
        }

        _json.WriteNumber("cpu_ms"u8, cpuNs / (decimal)RunClock.NsPerMs);
        _json.WriteNumber("max_rss_kb"u8, process.MaxRssKb);
        _json.WriteString("cpu_from"u8, cpuFrom);
        End();
    }

    /// <summary>Samples were not written.</summary>
    public void Gap(long tsMs, long sinceMs, string file, long dropped)
    {
        if (sink is null)
        {
            return;
        }

        _json.Reset(_lines);
        _json.WriteStartObject();
        _json.WriteNumber("ts_ms"u8, tsMs);
        _json.WriteString("event"u8, "gap"u8);
        _json.WriteString("file"u8, file);
        _json.WriteNumber("since_ts_ms"u8, sinceMs);
        _json.WriteNumber("dropped"u8, dropped);
        End();
    }

    /// <summary>Writes what was added.</summary>
    public void Flush(long nowMs)
    {
        if (_pending == 0 || sink is null)
        {
            return;
        }

        var own = _pending;
        if (_dropped > 0)
        {
            Gap(nowMs, _droppedSinceMs, "processes.jsonl", _dropped);
        }

        try
        {
            sink.Append(_lines.WrittenSpan);
            _dropped = 0;
        }
        catch (TracekitException)
        {
            _droppedSinceMs = _dropped == 0 ? nowMs : _droppedSinceMs;
            _dropped += own;
            DroppedCount += own;
        }

        _lines.ResetWrittenCount();
        _pending = 0;
    }

    public void Dispose() => _json.Dispose();

    private bool Begin(string what, long tsMs, TrackedProcess process)
    {
        if (sink is null || process.IsHidden)
        {
            return false;
        }

        _json.Reset(_lines);
        _json.WriteStartObject();
        _json.WriteNumber("ts_ms"u8, tsMs);
        _json.WriteNumber("pid"u8, process.Pid);
        _json.WriteNumber("ppid"u8, process.ParentPid);
        _json.WriteString("event"u8, what);
        _json.WriteString("name"u8, process.Name);
        _json.WriteNumber("start_ts_ms"u8, process.StartNs / RunClock.NsPerMs);
        return true;
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        _lines.Write("\n"u8);
        _pending++;
    }
}
