using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tracekit.Collect;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Bench;

/// <summary>What the collector is compared with: other ways to read the same processes at the same rate.</summary>
internal static class SamplerPeers
{
    /// <summary>CPU time of this process so far, in ns.</summary>
    public static long ProcessCpuNs() => CpuClock.TryReadNs(Environment.ProcessId, out var ns) ? ns : 0;

    /// <summary>Calls <paramref name="tick"/> on a thread of its own at each interval; returns the CPU time of the whole process meanwhile, in ns.</summary>
    /// <param name="interval">Time between two calls.</param>
    /// <param name="time">How long.</param>
    /// <param name="tick">What is done; it is told by how much it is late, in ns.</param>
    public static long Drive(TimeSpan interval, TimeSpan time, Action<long> tick)
    {
        var intervalNs = interval.Ticks * 100;
        long usedNs = 0;
        var loop = new Thread(() =>
        {
            // In here, because a thread's beginning and end weigh as much as a few dozen samples.
            var before = ProcessCpuNs();
            var schedule = new TickSchedule(interval, NowNs());
            using var waiter = new TickWaiter();
            for (var end = NowNs() + (time.Ticks * 100); NowNs() < end;)
            {
                waiter.Wait(Math.Min(schedule.RemainingNs(NowNs()), end - NowNs()), null);
                var now = NowNs();
                if (schedule.IsDue(now))
                {
                    tick(now % intervalNs);
                }
            }

            usedNs = ProcessCpuNs() - before;
        });
        loop.Start();
        loop.Join();
        return usedNs;
    }

    /// <summary>
    /// CPU time of pidstat per process and reading, in ns; its start is not counted. It knows no interval below a second, so this is its figure at any rate.
    /// Null where it is not installed.
    /// </summary>
    public static double? PidstatNsPerSample(SleeperGroup group, int count, RunClock clock)
    {
        const int Rounds = 3;
        if (Executable.Find("pidstat") is not { } path)
        {
            return null;
        }

        using var nowhere = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        var list = string.Join(',', group.Pids.Take(count));
        var pid = group.Start(path, ["pidstat", "-u", "-r", "-p", list, "1", "60"], (int)nowhere.DangerousGetHandle());
        try
        {
            // Half-way between two of its readings, so that a whole one lies between two looks.
            Thread.Sleep(TimeSpan.FromSeconds(1.5));
            CpuClock.TryReadNs(pid, out var before);
            var each = new List<double>();
            for (var round = 0; round < Rounds; round++)
            {
                Thread.Sleep(TimeSpan.FromSeconds(1));
                if (!CpuClock.TryReadNs(pid, out var now) || now == before)
                {
                    return null;
                }

                each.Add((now - before) / (double)count);
                before = now;
            }

            return Median.Of(each);
        }
        finally
        {
            Signals.Send(pid, Signals.Kill);
            ChildProcess.WaitForEnd(pid, clock);
        }
    }

    private static long NowNs() => Stopwatch.GetTimestamp();
}

/// <summary>The floor: the three system calls that a sample rests on, over files that are open already, and nothing else.</summary>
internal sealed unsafe partial class BareCalls(int[] pids) : IDisposable
{
    private const int BufferBytes = 512;

    private readonly SafeFileHandle[] _stat = [.. pids.Select(p => File.OpenHandle($"/proc/{p}/stat"))];
    private readonly SafeFileHandle[] _statm = [.. pids.Select(p => File.OpenHandle($"/proc/{p}/statm"))];

    /// <summary>Reads each process once.</summary>
    public void Read()
    {
        var buffer = stackalloc byte[BufferBytes];
        var time = stackalloc long[2];
        for (var i = 0; i < pids.Length; i++)
        {
            _ = ClockGetTime((~pids[i] << 3) | 2, time);
            _ = PRead((int)_stat[i].DangerousGetHandle(), buffer, BufferBytes, 0);
            _ = PRead((int)_statm[i].DangerousGetHandle(), buffer, BufferBytes, 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var handle in _stat.Concat(_statm))
        {
            handle.Dispose();
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [SuppressGCTransition]
    private static partial int ClockGetTime(int clock, long* time);

    [LibraryImport("libc", EntryPoint = "pread")]
    [SuppressGCTransition]
    private static partial nint PRead(int fd, byte* buffer, nuint count, nint offset);
}

/// <summary>
/// The plain way, as scripting libraries do it: stat and statm are opened, read as text, closed and split into fields, each process at each reading.
/// </summary>
internal sealed class TextReading(int[] pids)
{
    /// <summary>What was read, so that nothing of it can be left out.</summary>
    public long Sum { get; private set; }

    /// <summary>Reads each process once.</summary>
    public void Read()
    {
        const int UtimeAfterName = 11;
        foreach (var pid in pids)
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var pages = File.ReadAllText($"/proc/{pid}/statm").Split(' ')[1];
            Sum += long.Parse(fields[UtimeAfterName], CultureInfo.InvariantCulture)
                + long.Parse(fields[UtimeAfterName + 1], CultureInfo.InvariantCulture)
                + long.Parse(pages, CultureInfo.InvariantCulture);
        }
    }
}
