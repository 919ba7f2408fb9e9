using System.Runtime.InteropServices;

namespace Tracekit.Linux;

/// <summary>Numbers of the system calls that a child makes before its program runs, and of those that the C library has no function for; they differ between machines.</summary>
internal static class SystemCall
{
    private static readonly bool Arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    public static long ChangeDirectory => Arm ? 49 : 80;

    public static long Clone => Arm ? 220 : 56;

    public static long Dup3 => Arm ? 24 : 292;

    public static long Execve => Arm ? 221 : 59;

    public static long Futex => Arm ? 98 : 202;

    public static long GetDents64 => Arm ? 61 : 217;

    public static long GetParentPid => Arm ? 173 : 110;

    public static long Kill => Arm ? 129 : 62;

    public static long MUnmap => Arm ? 215 : 11;

    public static long Prctl => Arm ? 167 : 157;

    public static long SetProcessGroup => Arm ? 154 : 109;

    public static long SignalAction => Arm ? 134 : 13;

    public static long SignalProcMask => Arm ? 135 : 14;

    public static long SignalTimedWait => Arm ? 137 : 128;
}
