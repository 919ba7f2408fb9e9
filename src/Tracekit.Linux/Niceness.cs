using Tracekit.Model;

namespace Tracekit.Linux;

/// <summary>Niceness of a process (setpriority(2)): −20 is the most favoured, 19 the least.</summary>
public static class Niceness
{
    private const int PrioProcess = 0;

    /// <summary>Returns <paramref name="niceness"/> when it is one.</summary>
    /// <exception cref="UsageException">It is outside −20 to 19.</exception>
    public static int Check(int niceness) => niceness is >= -20 and <= 19
        ? niceness
        : throw new UsageException($"niceness {niceness}: use -20 (most favoured) to 19");

    /// <summary>Sets the niceness of a process.</summary>
    /// <exception cref="TracekitException">The kernel refuses; below 0 takes CAP_SYS_NICE.</exception>
    public static void ApplyTo(int pid, int niceness)
    {
        if (Libc.SetPriority(PrioProcess, (uint)pid, niceness) != 0)
        {
            throw new TracekitException($"cannot set niceness {niceness} of pid {pid}: {Libc.LastError()}");
        }
    }
}
