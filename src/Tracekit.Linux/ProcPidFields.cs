using System.Buffers.Text;

namespace Tracekit.Linux;

/// <summary>Files of a process with a name and a number a line: <c>io</c>, <c>status</c>, <c>smaps_rollup</c> (proc_pid_io(5), proc_pid_status(5), proc_pid_smaps(5)).</summary>
public static class ProcPidFields
{
    /// <summary>The number after <paramref name="name"/> at the beginning of a line; −1 when the text has none.</summary>
    /// <param name="text">The text of the file.</param>
    /// <param name="name">With its colon.</param>
    public static long Number(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        while (!text.IsEmpty)
        {
            if (text.StartsWith(name))
            {
                var rest = text[name.Length..].TrimStart(" \t"u8);
                return Utf8Parser.TryParse(rest, out long value, out _) && value >= 0 ? value : -1;
            }

            var end = text.IndexOf((byte)'\n');
            text = end < 0 ? default : text[(end + 1)..];
        }

        return -1;
    }

    /// <summary>
    /// Time in ns that the main thread waited for a CPU: the second number of <c>/proc/&lt;pid&gt;/schedstat</c> (Documentation/scheduler/sched-stats.rst);
    /// −1 when the text has none.
    /// </summary>
    public static long RunWaitNs(ReadOnlySpan<byte> schedstat)
    {
        var fields = new ProcText(schedstat);
        return fields.Skip(1) && fields.Number(out var ns) && ns >= 0 ? ns : -1;
    }
}
