namespace Tracekit.Linux;

/// <summary>The terminal that this process belongs to (tty(4)).</summary>
public static class Terminal
{
    /// <summary>True when this process has a controlling terminal.</summary>
    public static bool IsThere() => ForegroundGroup() is not null;

    /// <summary>
    /// True when the terminal's keys reach our process group: its interrupt and quit keys then signal every process of the group by themselves.
    /// </summary>
    public static bool HasUsInForeground() => ForegroundGroup() == Libc.GetPGrp();

    private static int? ForegroundGroup()
    {
        var fd = Libc.Open("/dev/tty", Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        if (fd < 0)
        {
            return null;
        }

        var group = Libc.TcGetPGrp(fd);
        _ = Libc.Close(fd);
        return group;
    }
}
