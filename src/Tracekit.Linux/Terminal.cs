namespace Tracekit.Linux;

/// <summary>The terminal that this process belongs to (tty(4)).</summary>
public static class Terminal
{
    /// <summary>
    /// True when the terminal's keys reach our process group: its interrupt and suspend keys then signal every process of the group by themselves.
    /// </summary>
    public static bool HasUsInForeground()
    {
        const int StandardInput = 0;
        return Libc.TcGetPGrp(StandardInput) is > 0 and var group && group == Libc.GetPGrp();
    }
}
