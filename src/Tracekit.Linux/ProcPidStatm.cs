namespace Tracekit.Linux;

/// <summary>What <c>/proc/&lt;pid&gt;/statm</c> says (proc_pid_statm(5)).</summary>
/// <param name="ResidentPages">Field 2: the resident set in pages.</param>
public readonly record struct ProcPidStatm(long ResidentPages)
{
    /// <summary>The resident set in KiB, by this kernel's real page size.</summary>
    public long ResidentKb => ResidentPages * Kernel.PageSizeBytes / 1024;

    /// <summary>Reads the text of the file.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ProcPidStatm statm)
    {
        var fields = new ProcText(text);
        var good = fields.Skip(1) & fields.Number(out var resident);
        statm = new ProcPidStatm(resident);
        return good;
    }
}
