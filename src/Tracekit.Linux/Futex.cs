namespace Tracekit.Linux;

/// <summary>Waiting for a word of memory to change, also between processes that share it (futex(2)).</summary>
internal static unsafe class Futex
{
    private const int WaitOperation = 0;
    private const int WakeOperation = 1;

    /// <summary>Wakes all waiters.</summary>
    public static void Wake(int* word) => _ = Libc.SysCall((nint)SystemCall.Futex, (nint)word, WakeOperation, int.MaxValue, 0, 0, 0);

    /// <summary>Waits while the word is <paramref name="value"/>; false when the time is over. It may return early: look again.</summary>
    public static bool Wait(int* word, int value, long limitNs)
    {
        var limit = Libc.TimeSpec.FromNs(limitNs);
        return Libc.SysCall((nint)SystemCall.Futex, (nint)word, WaitOperation, value, (nint)(&limit), 0, 0) == 0
            || System.Runtime.InteropServices.Marshal.GetLastPInvokeError() != Libc.ETIMEDOUT;
    }
}
