namespace Tracekit.Linux;

/// <summary>How many processes and threads were made, as <c>/proc/stat</c> says (proc_stat(5), line <c>processes</c>).</summary>
public static class ProcStatForks
{
    // The line of interrupts before it may be long on a large machine.
    private const int TextBytes = 256 * 1024;

    /// <summary>Processes and threads that were made since boot (line <c>processes</c>); −1 when the text does not say.</summary>
    public static long Forks(ReadOnlySpan<byte> text)
    {
        var at = text.IndexOf("\nprocesses "u8);
        if (at < 0)
        {
            return -1;
        }

        var fields = new ProcText(text[(at + 10)..]);
        return fields.Number(out var count) ? count : -1;
    }

    /// <summary>The same, read now.</summary>
    public static long ReadForks()
    {
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(TextBytes);
        var length = ProcFile.ReadOnce("/proc/stat", buffer);
        var forks = Forks(buffer.AsSpan(0, Math.Max(0, length)));
        System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        return forks;
    }
}
