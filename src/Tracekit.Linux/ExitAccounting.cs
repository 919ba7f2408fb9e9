using System.Runtime.InteropServices;

namespace Tracekit.Linux;

/// <summary>
/// What the kernel accounts for a thread at its exit, and for its whole process when it was the last one (linux/taskstats.h,
/// Documentation/accounting/taskstats.rst).
/// </summary>
/// <param name="Pid">The thread.</param>
/// <param name="Tgid">Its process; before version 12 (Linux 5.19) unknown, 0.</param>
/// <param name="ParentPid">The parent process.</param>
/// <param name="EndsProcess">True when it was the last thread. Before version 12 known only of a process that had several.</param>
/// <param name="CpuNs">CPU time of the thread in ns, as the scheduler counts it.</param>
/// <param name="ProcessCpuNs">CPU time of all threads of the process in ns; −1 unless it is the last of several.</param>
/// <param name="UserUs">User CPU time in µs, as the timer tick counts it.</param>
/// <param name="SystemUs">System CPU time in µs, likewise.</param>
/// <param name="ElapsedUs">Time since the thread began, in µs.</param>
/// <param name="MaxRssKb">Peak resident set in KiB.</param>
/// <param name="Status">The status word of wait(2), of the first thread.</param>
/// <param name="Name">The command name.</param>
public readonly record struct ExitAccounting(
    int Pid,
    int Tgid,
    int ParentPid,
    bool EndsProcess,
    long CpuNs,
    long ProcessCpuNs,
    long UserUs,
    long SystemUs,
    long ElapsedUs,
    long MaxRssKb,
    int Status,
    CommandNameBytes Name)
{
    private const int NetlinkHeaderBytes = 16;
    private const int GenericHeaderBytes = 4;
    private const int AttributeHeaderBytes = 4;
    private const ushort TypePid = 1;
    private const ushort TypeStats = 3;
    private const ushort TypeAggregatePid = 4;
    private const ushort TypeAggregateTgid = 5;

    // Fields of struct taskstats, all there since version 3.
    private const int ExitCode = 4;
    private const int Flag = 8;
    private const int RunVirtualTotal = 72;
    private const int Comm = 80;
    private const int StatsPid = 128;
    private const int StatsParentPid = 132;
    private const int ElapsedTime = 144;
    private const int UserTime = 152;
    private const int SystemTime = 160;
    private const int HighWaterRss = 200;
    private const int LeastBytes = 208;

    // Version 15 (Linux 6.14) put two fields into each of three groups before these, and again further on; version 16 moved them to the end.
    private const int VersionThatShifted = 15;
    private const int ShiftBytes = 48;
    private const int ThreadGroup = 368;
    private const int VersionWithThreadGroup = 12;
    private const byte FlagLastOfGroup = 0x20;

    /// <summary>Reads a message of the taskstats family; false when it is none, or cut.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out ExitAccounting result)
    {
        result = default;
        if (message.Length < NetlinkHeaderBytes + GenericHeaderBytes)
        {
            return false;
        }

        var processCpuNs = -1L;
        var found = false;
        var rest = message[(NetlinkHeaderBytes + GenericHeaderBytes)..];
        while (TryTake(ref rest, out var type, out var value))
        {
            if (type == TypeAggregatePid)
            {
                found = TryParseThread(value, out result);
            }
            else if (type == TypeAggregateTgid && Find(value, TypeStats) is { Length: >= LeastBytes } stats)
            {
                processCpuNs = Math.Max(0, Long(stats, RunVirtualTotal + Shift(stats)));
            }
        }

        if (found && processCpuNs >= 0)
        {
            result = result with { ProcessCpuNs = processCpuNs, EndsProcess = true };
        }

        return found;
    }

    private static bool TryParseThread(ReadOnlySpan<byte> value, out ExitAccounting result)
    {
        result = default;
        var stats = Find(value, TypeStats);
        var pid = Find(value, TypePid);
        if (pid.Length < sizeof(int) || stats.Length < LeastBytes)
        {
            return false;
        }

        var shift = Shift(stats);
        if (stats.Length < LeastBytes + shift || Int(stats, StatsPid + shift) != Int(pid, 0))
        {
            // The structure is not laid out as we know it. Nothing is better than numbers that are others.
            return false;
        }

        var hasGroup = Version(stats) >= VersionWithThreadGroup && stats.Length >= ThreadGroup + (2 * shift) + sizeof(int);
        result = new ExitAccounting(
            Int(pid, 0),
            hasGroup ? Int(stats, ThreadGroup + (2 * shift)) : 0,
            Int(stats, StatsParentPid + shift),
            hasGroup && (stats[Flag] & FlagLastOfGroup) != 0,
            Math.Max(0, Long(stats, RunVirtualTotal + shift)),
            -1,
            Math.Max(0, Long(stats, UserTime + shift)),
            Math.Max(0, Long(stats, SystemTime + shift)),
            Math.Max(0, Long(stats, ElapsedTime + shift)),
            Math.Max(0, Long(stats, HighWaterRss + shift)),
            Int(stats, ExitCode),
            CommandNameBytes.Of(stats.Slice(Comm + shift, CommandNameBytes.Size)));
        return true;
    }

    private static int Version(ReadOnlySpan<byte> stats) => MemoryMarshal.Read<ushort>(stats);

    private static int Shift(ReadOnlySpan<byte> stats) => Version(stats) == VersionThatShifted ? ShiftBytes : 0;

    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> attributes, ushort wanted)
    {
        while (TryTake(ref attributes, out var type, out var value))
        {
            if (type == wanted)
            {
                return value;
            }
        }

        return default;
    }

    // struct nlattr: 16-bit length with its header, 16-bit type; each begins at a multiple of 4.
    internal static bool TryTake(scoped ref ReadOnlySpan<byte> rest, out ushort type, out ReadOnlySpan<byte> value)
    {
        type = 0;
        value = default;
        if (rest.Length < AttributeHeaderBytes)
        {
            return false;
        }

        var length = MemoryMarshal.Read<ushort>(rest);
        if (length < AttributeHeaderBytes || length > rest.Length)
        {
            return false;
        }

        type = (ushort)(MemoryMarshal.Read<ushort>(rest[2..]) & 0x3fff);
        value = rest[AttributeHeaderBytes..length];
        rest = rest[Math.Min(rest.Length, (length + 3) & ~3)..];
        return true;
    }

    private static int Int(ReadOnlySpan<byte> bytes, int offset) => MemoryMarshal.Read<int>(bytes[offset..]);

    private static long Long(ReadOnlySpan<byte> bytes, int offset) => MemoryMarshal.Read<long>(bytes[offset..]);
}
