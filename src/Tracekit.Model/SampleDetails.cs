namespace Tracekit.Model;

/// <summary>Further fields of a sample, each only where it was asked for and could be read; −1 where not.</summary>
public record struct SampleDetails()
{
    /// <summary>Proportional set size in KiB (proc_pid_smaps(5), smaps_rollup).</summary>
    public long PssKb { get; set; } = -1;

    /// <summary>Threads.</summary>
    public long Threads { get; set; } = -1;

    /// <summary>Bytes read from storage since the process began (proc_pid_io(5), read_bytes).</summary>
    public long ReadBytes { get; set; } = -1;

    /// <summary>Bytes sent to storage (write_bytes).</summary>
    public long WriteBytes { get; set; } = -1;

    /// <summary>Context switches that the main thread made by waiting (proc_pid_status(5)).</summary>
    public long VoluntaryContextSwitches { get; set; } = -1;

    /// <summary>Context switches that the main thread was made to.</summary>
    public long InvoluntaryContextSwitches { get; set; } = -1;

    /// <summary>Page faults that took no reading, all threads (proc_pid_stat(5) field 10).</summary>
    public long MinorFaults { get; set; } = -1;

    /// <summary>Page faults that took reading (field 12).</summary>
    public long MajorFaults { get; set; } = -1;

    /// <summary>Time that the main thread was ready and waited for a CPU, in ns (schedstat, second field).</summary>
    public long RunWaitNs { get; set; } = -1;

    internal readonly void Format(ref JsonLine line)
    {
        Field(ref line, ", \"pss_kb\": "u8, PssKb);
        Field(ref line, ", \"threads\": "u8, Threads);
        Field(ref line, ", \"read_bytes\": "u8, ReadBytes);
        Field(ref line, ", \"write_bytes\": "u8, WriteBytes);
        Field(ref line, ", \"voluntary_ctxt_switches\": "u8, VoluntaryContextSwitches);
        Field(ref line, ", \"nonvoluntary_ctxt_switches\": "u8, InvoluntaryContextSwitches);
        Field(ref line, ", \"minflt\": "u8, MinorFaults);
        Field(ref line, ", \"majflt\": "u8, MajorFaults);
        Field(ref line, ", \"run_wait_ns\": "u8, RunWaitNs);
    }

    private static void Field(ref JsonLine line, ReadOnlySpan<byte> name, long value)
    {
        if (value >= 0)
        {
            line.Number(name, value);
        }
    }
}
