using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Tracekit.Model;

namespace Tracekit.Linux.Tests;

/// <summary>Messages of the process connector and of taskstats, as pure functions of bytes, and from the running kernel.</summary>
public sealed class KernelMessageTests
{
    private const int Seeds = 2000;

    [Fact]
    public void A_fork_of_a_process_names_child_and_parent_and_of_a_thread_nothing()
    {
        Assert.True(ProcEvent.TryParse(Event(1, 10, 11, 20, 20), out var process));
        Assert.Equal((ProcEventKind.Fork, 20, 11, 77L), (process.Kind, process.Pid, process.ParentPid, process.MonotonicNs));

        Assert.True(ProcEvent.TryParse(Event(1, 10, 11, 21, 20), out var thread));
        Assert.Equal(ProcEventKind.Other, thread.Kind);
    }

    [Fact]
    public void Exec_comm_exit_and_answer_are_told_apart()
    {
        Assert.True(ProcEvent.TryParse(Event(2, 30, 31), out var exec));
        Assert.Equal((ProcEventKind.Exec, 31), (exec.Kind, exec.Pid));

        Assert.True(ProcEvent.TryParse(Event(0x200, 30, 30, BitConverter.ToInt32("a) b"u8), 0, 0, 0), out var comm));
        Assert.Equal((ProcEventKind.Comm, 30, "a) b"), (comm.Kind, comm.Pid, comm.Name.ToString()));

        Assert.True(ProcEvent.TryParse(Event(0x80000000, 30, 30, 0x100, 17), out var exit));
        Assert.Equal((ProcEventKind.Exit, 30, 1), (exit.Kind, exit.Pid, new WaitStatus(exit.Status).ExitCode));

        Assert.True(ProcEvent.TryParse(Event(0, 0), out var answer));
        Assert.Equal(ProcEventKind.Listening, answer.Kind);
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(10, 0)]
    [InlineData(13, 0)]
    [InlineData(15, 48)]
    [InlineData(16, 0)]
    public void Accounting_is_read_in_the_layout_of_each_version(ushort version, int shift)
    {
        Assert.True(ExitAccounting.TryParse(Accounting(version, shift, 4242, hasGroup: false), out var exit));

        Assert.Equal(4242, exit.Pid);
        Assert.Equal(5_000_001, exit.CpuNs);
        Assert.Equal((3000, 2000, 9000, 1234), (exit.UserUs, exit.SystemUs, exit.ElapsedUs, exit.MaxRssKb));
        Assert.Equal("prog", exit.Name.ToString());
        Assert.Equal(version >= 12, exit.EndsProcess);
        Assert.Equal(version >= 12 ? 4000 : 0, exit.Tgid);
        Assert.Equal(-1, exit.ProcessCpuNs);
    }

    [Fact]
    public void The_last_thread_of_several_brings_the_sum_of_the_process()
    {
        Assert.True(ExitAccounting.TryParse(Accounting(10, 0, 7, hasGroup: true), out var exit));

        Assert.True(exit.EndsProcess);
        Assert.Equal(5_000_001, exit.ProcessCpuNs);
    }

    [Fact]
    public void A_structure_that_is_laid_out_otherwise_is_refused() =>
        Assert.False(ExitAccounting.TryParse(Accounting(17, 24, 4242, hasGroup: false), out _));

    [Fact]
    public void No_bytes_make_the_parsers_fail_or_read_beyond_the_end()
    {
        var good = new[] { Event(1, 10, 11, 20, 20), Event(0x200, 1, 1, 0, 0, 0, 0), Accounting(16, 0, 5, hasGroup: true), Accounting(15, 48, 5, hasGroup: false) };
        var property = Prop.ForAll(
            ArbMap.Default.ArbFor<byte[]>(),
            ArbMap.Default.ArbFor<int>(),
            ArbMap.Default.ArbFor<int>(),
            (noise, which, at) =>
            {
                var message = (byte[])good[(which & int.MaxValue) % good.Length].Clone();
                var start = (at & int.MaxValue) % message.Length;
                noise.AsSpan(0, Math.Min(noise.Length, message.Length - start)).CopyTo(message.AsSpan(start));
                foreach (var bytes in new[] { noise, message, message[..start] })
                {
                    // An answer of any kind will do; what must not be is an exception, or a number below nothing.
                    _ = ProcEvent.TryParse(bytes, out _);
                    if (ExitAccounting.TryParse(bytes, out var exit))
                    {
                        Assert.True(exit.CpuNs >= 0 && exit.UserUs >= 0 && exit.MaxRssKb >= 0);
                    }
                }
            });

        // FsCheck prints the seed of what it refutes.
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(Seeds), property);
    }

    [Fact]
    public void The_kernel_tells_of_a_process_from_fork_to_exit_and_what_it_used()
    {
        var clock = new RunClock(TimeProvider.System);
        using var connector = ProcConnector.Open();
        using var stats = TaskStats.Open();
        var before = clock.MonotonicNs;
        var child = ProcessSpawn.Hold(new SpawnRequest { Path = "/bin/sh", Arguments = ["sh", "-c", "exit 3"], Environment = [] });
        child.Release();
        var ending = ChildProcess.WaitForEnd(child.Pid, clock);

        var events = new List<ProcEvent>();
        ExitAccounting? exit = null;
        Wait.Until(() =>
        {
            connector.Read((in ProcEvent e) => Keep(e));
            stats.Read((in ExitAccounting e) => exit = e.Pid == child.Pid ? e : exit);
            return exit is not null && events.Any(e => e.Kind == ProcEventKind.Exit);
        });

        Assert.Equal([ProcEventKind.Fork, ProcEventKind.Exec, ProcEventKind.Exit], events.Select(e => e.Kind).Where(k => k != ProcEventKind.Comm));
        Assert.All(events, e => Assert.InRange(e.MonotonicNs, before, clock.MonotonicNs));
        Assert.Equal(3, new WaitStatus(events[^1].Status).ExitCode);
        Assert.Equal("sh", exit!.Value.Name.ToString());
        Assert.InRange(ending.OwnCpuNs - exit.Value.CpuNs, 0, 5_000_000);

        void Keep(in ProcEvent e)
        {
            if (e.Pid == child.Pid)
            {
                events.Add(e);
            }
        }
    }

    private static byte[] Event(uint what, params int[] data)
    {
        var message = new byte[52 + (4 * Math.Max(6, data.Length))];
        BitConverter.TryWriteBytes(message.AsSpan(16), 1);
        BitConverter.TryWriteBytes(message.AsSpan(20), 1);
        BitConverter.TryWriteBytes(message.AsSpan(36), what);
        BitConverter.TryWriteBytes(message.AsSpan(44), 77L);
        for (var i = 0; i < data.Length; i++)
        {
            BitConverter.TryWriteBytes(message.AsSpan(52 + (4 * i)), data[i]);
        }

        return message;
    }

    private static byte[] Accounting(ushort version, int shift, int pid, bool hasGroup)
    {
        var stats = new byte[560];
        BitConverter.TryWriteBytes(stats, version);
        stats[8] = 0x20;
        BitConverter.TryWriteBytes(stats.AsSpan(72 + shift), 5_000_001L);
        Encoding.ASCII.GetBytes("prog", stats.AsSpan(80 + shift));
        BitConverter.TryWriteBytes(stats.AsSpan(128 + shift), pid);
        BitConverter.TryWriteBytes(stats.AsSpan(144 + shift), 9000L);
        BitConverter.TryWriteBytes(stats.AsSpan(152 + shift), 3000L);
        BitConverter.TryWriteBytes(stats.AsSpan(160 + shift), 2000L);
        BitConverter.TryWriteBytes(stats.AsSpan(200 + shift), 1234L);
        BitConverter.TryWriteBytes(stats.AsSpan(368 + (2 * shift)), 4000);
        byte[] header = [.. new byte[20]];
        var id = BitConverter.GetBytes(pid);
        return [.. header, .. Attribute(4, [.. Attribute(1, id), .. Attribute(3, stats)]), .. hasGroup ? Attribute(5, [.. Attribute(2, id), .. Attribute(3, stats)]) : []];
    }

    private static byte[] Attribute(ushort type, byte[] value) =>
        [.. BitConverter.GetBytes((ushort)(4 + value.Length)), .. BitConverter.GetBytes(type), .. value, .. new byte[-value.Length & 3]];
}
