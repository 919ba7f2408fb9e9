namespace Tracekit.Linux;

/// <summary>Sending signals (kill(2)).</summary>
public static class Signals
{
    /// <summary>SIGHUP.</summary>
    public const int HangUp = 1;

    /// <summary>SIGINT.</summary>
    public const int Interrupt = 2;

    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>SIGCONT.</summary>
    public const int Continue = 18;

    /// <summary>Sends to one process; false when there is none or it is not ours.</summary>
    public static bool Send(int pid, int signal) => pid > 1 && Libc.Kill(pid, signal) == 0;

    /// <summary>Sends to every process of a group; false when it has none.</summary>
    public static bool SendToGroup(int group, int signal) => group > 1 && Libc.Kill(-group, signal) == 0;
}
