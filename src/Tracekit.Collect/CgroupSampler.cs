using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect;

/// <summary>Samples control groups: a line of <c>cgroups.jsonl</c> each, with what their kernel and version have.</summary>
internal sealed class CgroupSampler : IDisposable
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly List<CgroupProbe> _probes;
    private readonly ILineSink _sink;
    private readonly ArrayBufferWriter<byte> _lines = new(4096);
    private readonly Utf8JsonWriter _json = new(new ArrayBufferWriter<byte>(256), Options);

    public CgroupSampler(IEnumerable<CgroupLocation> locations, ILineSink sink)
    {
        _sink = sink;
        _probes = [.. locations.Select(l => new CgroupProbe(l))];
    }

    /// <summary>Lines that could not be written.</summary>
    public long DroppedCount { get; private set; }

    /// <summary>Reads each group and writes the lines.</summary>
    public void Sample(long nowMs)
    {
        _lines.ResetWrittenCount();
        foreach (var probe in _probes)
        {
            var usage = probe.Read();
            _json.Reset(_lines);
            _json.WriteStartObject();
            _json.WriteNumber("ts_ms"u8, nowMs);
            _json.WriteString("cgroup"u8, probe.Path);
            Number("usage_usec"u8, usage.UsageUs);
            Number("nr_periods"u8, usage.Periods);
            Number("nr_throttled"u8, usage.ThrottledPeriods);
            Number("throttled_usec"u8, usage.ThrottledUs);
            Number("memory_current_bytes"u8, usage.MemoryBytes);
            Number("memory_peak_bytes"u8, usage.MemoryPeakBytes);
            Pressure("cpu_some_avg10"u8, "cpu_some_total_usec"u8, usage.CpuPressure);
            Pressure("memory_some_avg10"u8, "memory_some_total_usec"u8, usage.MemoryPressure);
            Pressure("io_some_avg10"u8, "io_some_total_usec"u8, usage.IoPressure);
            _json.WriteEndObject();
            _json.Flush();
            _lines.Write("\n"u8);
        }

        try
        {
            _sink.Append(_lines.WrittenSpan);
        }
        catch (TracekitException)
        {
            DroppedCount += _probes.Count;
        }
    }

    public void Dispose()
    {
        foreach (var probe in _probes)
        {
            probe.Dispose();
        }

        _json.Dispose();
    }

    private void Number(ReadOnlySpan<byte> name, long value)
    {
        if (value >= 0)
        {
            _json.WriteNumber(name, value);
        }
    }

    private void Pressure(ReadOnlySpan<byte> average, ReadOnlySpan<byte> total, ProcPressure? pressure)
    {
        if (pressure is { Some: var some })
        {
            _json.WriteNumber(average, some.Avg10Percent);
            _json.WriteNumber(total, some.TotalUs);
        }
    }
}
