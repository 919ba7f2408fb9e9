namespace Tracekit.Linux;

/// <summary>A thread that gets a CPU as soon as it has something to do (sched(7)).</summary>
public static unsafe class RealTimeThread
{
    private const int Fifo = 1;
    private const int ResetOnFork = 0x40000000;

    /// <summary>
    /// Puts the calling thread before every thread that is not real-time, at the lowest real-time priority; what it starts is not. For a thread that
    /// never works for long at a time. False when it is not permitted (CAP_SYS_NICE, or RLIMIT_RTPRIO of 1): it goes on as before.
    /// </summary>
    public static bool TryBegin()
    {
        var priority = 1;
        return Libc.SchedSetScheduler(0, Fifo | ResetOnFork, &priority) == 0;
    }
}
