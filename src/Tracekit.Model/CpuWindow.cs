namespace Tracekit.Model;

/// <summary>
/// What a process used in the window (TsMs − DtMs, TsMs]: a line of <c>CTS/proc_metrics.jsonl</c>. In the file CPU time is in ms with up
/// to six decimals; here it is in whole nanoseconds, so that nothing is lost on the way.
/// </summary>
/// <param name="TsMs">End of the window, in ms since the Unix epoch.</param>
/// <param name="Pid">Process id.</param>
/// <param name="DtMs">Length of the window in ms; 0 for the first sample of a process.</param>
/// <param name="CpuNs">CPU time used in the window, in ns, waited-for children included.</param>
/// <param name="RssKb">Resident set at the end of the window, in KiB.</param>
/// <param name="ChildrenCpuNs">
/// The part of <paramref name="CpuNs"/> that belongs to children. The kernel credits it at once when a child is waited for, so it may have been
/// used before the window.
/// </param>
/// <param name="CpuBeforeNs">With DtMs 0: CPU time used before this first sample.</param>
/// <param name="Kind">The kind of the sample at the end of the window.</param>
public readonly record struct CpuWindow(
    long TsMs,
    int Pid,
    long DtMs,
    long CpuNs,
    long RssKb,
    long ChildrenCpuNs = 0,
    long CpuBeforeNs = 0,
    SampleKind Kind = SampleKind.Tick)
{
    /// <summary>The most bytes that <see cref="Format"/> writes.</summary>
    public const int MaxFormattedBytes = 256;

    /// <summary>Writes the window as one JSON line with its line feed; returns the bytes written.</summary>
    /// <param name="destination">At least <see cref="MaxFormattedBytes"/> bytes.</param>
    public int Format(Span<byte> destination)
    {
        var line = new JsonLine(destination);
        line.Number("{\"ts_ms\": "u8, TsMs);
        line.Number(", \"pid\": "u8, Pid);
        line.Number(", \"dt_ms\": "u8, DtMs);
        line.MillisecondsOfNs(", \"cpu_ms\": "u8, CpuNs);
        line.Number(", \"rss_kb\": "u8, RssKb);
        if (ChildrenCpuNs > 0)
        {
            line.MillisecondsOfNs(", \"children_cpu_ms\": "u8, ChildrenCpuNs);
        }

        if (CpuBeforeNs > 0)
        {
            line.MillisecondsOfNs(", \"cpu_before_ms\": "u8, CpuBeforeNs);
        }

        if (Kind != SampleKind.Tick)
        {
            line.Text(Kind == SampleKind.Start ? ", \"kind\": \"start\""u8 : ", \"kind\": \"exit\""u8);
        }

        line.Text("}\n"u8);
        return line.Length;
    }

    /// <summary>Writes the CPU time of the window as one line of <c>cctf/proc_cpu.jsonl</c>; returns the bytes written.</summary>
    /// <param name="destination">At least <see cref="MaxFormattedBytes"/> bytes.</param>
    public int FormatCpu(Span<byte> destination)
    {
        var line = new JsonLine(destination);
        line.Number("{\"ts_ms\": "u8, TsMs);
        line.Number(", \"pid\": "u8, Pid);
        line.MillisecondsOfNs(", \"cpu_ms\": "u8, CpuNs);
        line.Text("}\n"u8);
        return line.Length;
    }

    /// <summary>
    /// Writes the resident set at the end of the window as one line of <c>cctf/proc_rss.jsonl</c>; returns the bytes written. At an exit it is
    /// the peak, so that line says its kind.
    /// </summary>
    /// <param name="destination">At least <see cref="MaxFormattedBytes"/> bytes.</param>
    public int FormatRss(Span<byte> destination)
    {
        var line = new JsonLine(destination);
        line.Number("{\"ts_ms\": "u8, TsMs);
        line.Number(", \"pid\": "u8, Pid);
        line.Number(", \"rss_kb\": "u8, RssKb);
        line.Text(Kind == SampleKind.Exit ? ", \"kind\": \"exit\"}\n"u8 : "}\n"u8);
        return line.Length;
    }
}
