namespace Tracekit.Linux;

/// <summary>How a process ended (wait(2)).</summary>
/// <param name="Raw">The status word of wait4.</param>
public readonly record struct WaitStatus(int Raw)
{
    /// <summary>The signal that ended the process, or 0.</summary>
    public int Signal => Raw & 0x7f;

    /// <summary>The exit code as a shell gives it: the program's own, or 128 + signal.</summary>
    public int ExitCode => Signal != 0 ? 128 + Signal : (Raw >> 8) & 0xff;
}
