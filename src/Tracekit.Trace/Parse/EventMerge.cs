using System.Buffers;
using System.Text.Json;
using Tracekit.Trace.Lines;
using Tracekit.Trace.Tasks;

namespace Tracekit.Trace.Parse;

/// <summary>
/// Writes the invocations of all sources in time order: whole, on their node's clock, to <c>events.jsonl</c>, and on the
/// reference clock, whole to <c>cctf/invocations.jsonl</c> and what the exporter needs to <c>CTS/invocations.jsonl</c>.
/// </summary>
internal static class EventMerge
{
    /// <summary>Writes the files.</summary>
    /// <param name="node">The node directory.</param>
    /// <param name="index">Its invocations.</param>
    /// <param name="label">The node, for records of the wide trace that do not say theirs.</param>
    /// <param name="cancellation">Stops; then no file is written.</param>
    /// <returns>The tasks of the compact trace in the order of their lines, and what was missing.</returns>
    public static (TaskTally[] Tasks, InvocationFaults Faults) Write(RunDirectory node, EventIndex index, RecordLabel label, CancellationToken cancellation)
    {
        var tasks = new List<TaskTally>(index.Refs.Length);
        var faults = new InvocationFaults();

        // Where events.jsonl is the only record of what happened it stays as it is: bad lines and all.
        var merged = index.Sources.Contains(node.Events) ? null : node.Events;
        var wide = index.Sources.Count > 0 ? node.Cctf.Invocations : null;
        var record = new RecordLine(index.Reference, label);
        AtomicFile.Write(node.Cts.Invocations, cts =>
            WriteOrDrop(merged, events =>
                WriteOrDrop(wide, cctf => WriteAll(index, events, cctf, record, cts, tasks, faults, cancellation))));
        if (wide is null)
        {
            CctfDirectory.Remove(node.Cctf.Invocations);
        }

        return ([.. tasks], faults);
    }

    private static void WriteOrDrop(string? path, Action<Stream> write)
    {
        if (path is null)
        {
            write(Stream.Null);
        }
        else
        {
            AtomicFile.Write(path, write);
        }
    }

    private static void WriteAll(
        EventIndex index,
        Stream events,
        Stream cctf,
        RecordLine record,
        Stream cts,
        List<TaskTally> tasks,
        InvocationFaults faults,
        CancellationToken cancellation)
    {
        var whole = new ArrayBufferWriter<byte>();
        using var sources = new EventSources(index.Sources);
        using var json = new Utf8JsonWriter(cts);
        foreach (var at in index.Refs)
        {
            cancellation.ThrowIfCancellationRequested();
            var line = sources.Read(at);
            events.Write(line.TrimEnd((byte)'\r'));
            events.WriteByte((byte)'\n');
            if (record.TryScan(line))
            {
                whole.ResetWrittenCount();
                record.Write(line, whole);
                cctf.Write(whole.WrittenSpan);
            }
            else
            {
                faults.NotWide++;
            }

            if (EventLine.TryParse(line, index.Reference) is not { } invocation || !faults.Add(invocation))
            {
                continue;
            }

            if (!Guid.TryParseExact(invocation.TraceId, "D", out var traceId) && invocation.TraceId is { Length: > 0 })
            {
                faults.OddTraceIds.Add(tasks.Count, Printable.Line(invocation.TraceId));
            }

            var task = EventLine.ToCts(invocation, index.Reference);
            tasks.Add(Tally(task, traceId, EventLine.Failed(invocation)));
            JsonSerializer.Serialize(json, task, TraceJson.Default.CtsInvocation);
            json.Flush();
            cts.WriteByte((byte)'\n');
            json.Reset();
        }
    }

    private static TaskTally Tally(CtsInvocation i, Guid traceId, bool failed) => new()
    {
        TraceId = traceId,
        Pid = i.Pid,
        Status = i.Status ?? 0,
        Failed = failed,
        TsEnqueue = i.TsEnqueue,
        TsStart = i.TsStart,
        TsEnd = i.TsEnd,
        CpuTimeNs = i.CpuTimeMs is { } ms ? (long)Math.Round(ms * RunClock.NsPerMs) : -1,
    };
}
