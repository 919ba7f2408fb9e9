namespace Tracekit.Model;

/// <summary>Why a sample was taken.</summary>
public enum SampleKind
{
    /// <summary>A tick of the collector.</summary>
    Tick,

    /// <summary>The baseline that the launcher writes before the program's first instruction: everything is zero.</summary>
    Start,

    /// <summary>The closing sample, from the kernel's accounting at the exit.</summary>
    Exit,
}

/// <summary>
/// One process at one instant: a line of <c>proc_metrics.jsonl</c>. All CPU times are cumulative since the process began.
/// </summary>
/// <param name="TsMs">When, in ms since the Unix epoch.</param>
/// <param name="Pid">Process id.</param>
/// <param name="RssKb">Resident set in KiB; at the exit the peak.</param>
/// <param name="UtimeTicks">User CPU time in clock ticks (proc_pid_stat(5) field 14).</param>
/// <param name="StimeTicks">System CPU time in clock ticks (field 15).</param>
/// <param name="CpuNs">CPU time of the process itself, all threads, in ns (its CPU-time clock, clock_getcpuclockid(3)); −1 when not known.</param>
/// <param name="ChildrenCpuNs">CPU time of the children that it has waited for, in ns (in steps of a clock tick, except at the exit).</param>
/// <param name="Kind">Why the sample was taken.</param>
public readonly record struct ProcessSample(
    long TsMs,
    int Pid,
    long RssKb,
    long UtimeTicks,
    long StimeTicks,
    long CpuNs = -1,
    long ChildrenCpuNs = 0,
    SampleKind Kind = SampleKind.Tick)
{
    /// <summary>The most bytes that <see cref="Format(Span{byte})"/> writes.</summary>
    public const int MaxFormattedBytes = 256;

    /// <summary>Writes the sample as one JSON line with its line feed; returns the bytes written.</summary>
    /// <param name="destination">At least <see cref="MaxFormattedBytes"/> bytes.</param>
    public int Format(Span<byte> destination)
    {
        var line = new JsonLine(destination);
        FormatFields(ref line);
        line.Text("}\n"u8);
        return line.Length;
    }

    /// <summary>The most bytes that <see cref="Format(Span{byte}, in SampleDetails)"/> writes.</summary>
    public const int MaxDetailedBytes = 768;

    /// <summary>The same with further fields.</summary>
    /// <param name="destination">At least <see cref="MaxDetailedBytes"/> bytes.</param>
    /// <param name="details">The further fields.</param>
    public int Format(Span<byte> destination, in SampleDetails details)
    {
        var line = new JsonLine(destination);
        FormatFields(ref line);
        details.Format(ref line);
        line.Text("}\n"u8);
        return line.Length;
    }

    private void FormatFields(ref JsonLine line)
    {
        line.Number("{\"ts_ms\": "u8, TsMs);
        line.Number(", \"pid\": "u8, Pid);
        line.Number(", \"rss_kb\": "u8, RssKb);
        line.Number(", \"utime\": "u8, UtimeTicks);
        line.Number(", \"stime\": "u8, StimeTicks);
        if (CpuNs >= 0)
        {
            line.Number(", \"cpu_ns\": "u8, CpuNs);
        }

        if (ChildrenCpuNs > 0)
        {
            line.Number(", \"children_cpu_ns\": "u8, ChildrenCpuNs);
        }

        if (Kind != SampleKind.Tick)
        {
            line.Text(Kind == SampleKind.Start ? ", \"kind\": \"start\""u8 : ", \"kind\": \"exit\""u8);
        }
    }
}
