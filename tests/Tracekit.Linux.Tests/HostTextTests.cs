using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Tracekit.Linux.Tests;

/// <summary>Text of the kernel about the whole machine, of several kernels.</summary>
public sealed class HostTextTests
{
    private const string NetDev = """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
            lo: 8052284920 4205795    0    0    0     0          0         0 8052284921 4205795    0    0    0     0       0          0
          eth0:293766886    6549    0    0    0     0          0         0   321104    3877    0    0    0     0       0          0
        eth0:1: 7 1 0 0 0 0 0 0 8 1 0 0 0 0 0 0
        """;

    [Theory]
    [InlineData("cpu  281334 1 52186 606982 1313 2 2884 411 5 6\ncpu0 1 2 3\n", 281334, 1, 52186, 606982, 1313, 2, 2884, 411)]
    [InlineData("cpu  100 0 50 800 7 1 2\n", 100, 0, 50, 800, 7, 1, 2, 0)]
    [InlineData("cpu  100 0 50 800", 100, 0, 50, 800, 0, 0, 0, 0)]
    public void Stat_with_and_without_guests(string text, long user, long nice, long system, long idle, long iowait, long irq, long softirq, long steal)
    {
        Assert.True(ProcStat.TryParse(Encoding.ASCII.GetBytes(text), out var stat));
        Assert.Equal(new ProcStat(user, nice, system, idle, iowait, irq, softirq, steal), stat);
    }

    [Theory]
    [InlineData("")]
    [InlineData("cpu0 1 2 3 4")]
    [InlineData("cpu  1 2 3\n4")]
    [InlineData("cpu  1 2 3 -4")]
    [InlineData("intr 1 2 3 4")]
    public void Stat_that_is_no_stat(string text) => Assert.False(ProcStat.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData(50, 50, 0, 50.0)]
    [InlineData(0, 100, 0, 0.0)]
    [InlineData(0, 50, 50, 0.0)]
    [InlineData(100, 0, 0, 100.0)]
    [InlineData(50, 50, -20, 50.0)]
    [InlineData(0, 0, 0, null)]
    [InlineData(-5, -5, -5, null)]
    public void Utilisation_is_what_was_not_idle(long user, long idle, long iowait, double? percent)
    {
        var before = new ProcStat(1000, 0, 0, 1000, 1000, 0, 0, 0);
        var after = before with { UserTicks = 1000 + user, IdleTicks = 1000 + idle, IowaitTicks = 1000 + iowait };

        Assert.Equal(percent, ProcStat.UtilisationPercent(before, after));
    }

    [Fact]
    public void Cpuinfo_of_many_cores_without_a_frequency()
    {
        var text = string.Concat(Enumerable.Range(0, 32).Select(i => $"processor\t: {i}\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD EPYC 7502\nflags\t\t: fpu vme\n\n"));

        var cpu = ProcCpuInfo.Parse(text);

        Assert.Equal(new ProcCpuInfo("AMD EPYC 7502", null, null), cpu);
    }

    [Theory]
    [InlineData("MemTotal:       24684180 kB\nMemFree:        20000000 kB\nMemAvailable:   1 kB\n", 20000000L)]
    [InlineData("MemFree:1 kB", 1L)]
    [InlineData("MemTotal: 5 kB\nXMemFree: 1 kB\n", null)]
    [InlineData("MemFree: -1 kB\n", null)]
    [InlineData("MemFree:", null)]
    [InlineData("", null)]
    public void Free_memory(string text, long? kb) =>
        Assert.Equal(kb, ProcMemInfo.TryFindKb(Encoding.ASCII.GetBytes(text), "MemFree:"u8, out var found) ? found : null);

    [Theory]
    [InlineData("some avg10=1.50 avg60=0.00 avg300=0.00 total=123\nfull avg10=0.25 avg60=0.00 avg300=0.00 total=45\n", 1.5, 123L, 0.25, 45L)]
    [InlineData("some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n", 0.0, 0L, null, null)]
    [InlineData("some avg10=0.00 avg60=0.00 avg300=0.00 total=7\nfull avg10=", 0.0, 7L, null, null)]
    public void Pressure_of_several_kernels(string text, double average, long total, double? fullAverage, long? fullTotal)
    {
        Assert.True(ProcPressure.TryParse(Encoding.ASCII.GetBytes(text), out var pressure));
        Assert.Equal(new PressureStall(average, total), pressure.Some);
        Assert.Equal(fullAverage, pressure.Full?.Avg10Percent);
        Assert.Equal(fullTotal, pressure.Full?.TotalUs);
    }

    [Theory]
    [InlineData("")]
    [InlineData("full avg10=0.25 avg60=0.00 avg300=0.00 total=45\n")]
    [InlineData("some avg10=101 total=1\n")]
    [InlineData("some avg10=nan total=1\n")]
    [InlineData("some avg10=1 total=-1\n")]
    public void Pressure_that_is_none(string text) => Assert.False(ProcPressure.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData("lo", 8052284920, 8052284921)]
    [InlineData("eth0", 293766886, 321104)]
    [InlineData("eth0:1", 7, 8)]
    public void Interfaces_by_name(string iface, long rx, long tx)
    {
        Assert.True(ProcNetDev.TryFind(Encoding.ASCII.GetBytes(NetDev), Encoding.ASCII.GetBytes(iface), out var counters));
        Assert.Equal(new ProcNetDev(rx, tx), counters);
    }

    [Theory]
    [InlineData("eth")]
    [InlineData("eth1")]
    [InlineData("")]
    [InlineData("face")]
    public void Interfaces_that_are_not_there(string iface) =>
        Assert.False(ProcNetDev.TryFind(Encoding.ASCII.GetBytes(NetDev), Encoding.ASCII.GetBytes(iface), out _));

    [Theory]
    [InlineData("Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\nwlan0\t00000000\t010200C0\t0003\t0\t0\t600\t00000000\t0\neth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\neth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\n", "eth0")]
    [InlineData("eth0\t00000000\t0\t0002\t0\t0\t0\t00000000\t0\n", null)]
    [InlineData("eth0\t00000000\t0\t0003\t0\t0\t0\t00FFFFFF\t0\n", null)]
    [InlineData("*\t00000000\t0\t0201\t0\t0\t0\t00000000\t0\n", null)]
    [InlineData("", null)]
    public void The_default_route(string text, string? iface) => Assert.Equal(iface, ProcNetRoute.DefaultIface(text));

    [Fact]
    public void The_default_route_of_version_6() => Assert.Equal(
        "eth1",
        ProcNetRoute.DefaultIface6("00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003 eth1\n"
            + "00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200 lo\n"));

    [Theory]
    [InlineData("1000\n", 1_000_000_000)]
    [InlineData("-1\n", 0)]
    [InlineData("", 0)]
    [InlineData("fast", 0)]
    [InlineData("400000", 400_000_000_000)]
    public void Speed_in_bits_a_second(string text, long bps) => Assert.Equal(bps, NetInterface.ParseSpeedBps(text));

    [Theory]
    [InlineData(100, 150, 0, 50L)]
    [InlineData(100, 100, 0, 0L)]
    [InlineData(900, 100, 1000, 200L)]
    [InlineData(900, 100, 0, null)]
    [InlineData(2000, 100, 1000, null)]
    public void Energy_over_the_wrap_of_its_counter(long before, long after, long range, long? used) =>
        Assert.Equal(used, EnergyCounter.UsedUj(new EnergyCounter(before), new EnergyCounter(after), range));

    [Fact]
    public void Zones_of_powercap_are_named_for_their_wholes()
    {
        using var root = new TemporaryDirectory();
        foreach (var (zone, name) in ((string, string)[])[("intel-rapl:0", "package-0"), ("intel-rapl:0:0", "core"), ("intel-rapl:1", "package-1"), ("intel-rapl-mmio:0", "package-0")])
        {
            root.Write($"{zone}/name", name + "\n");
            root.Write($"{zone}/energy_uj", "5\n");
            root.Write($"{zone}/max_energy_range_uj", "262143328850\n");
        }

        root.Write("intel-rapl/enabled", "1\n");

        var zones = PowercapZone.Find(root.Path);

        Assert.Equal(["mmio-package-0", "package-0", "package-0/core", "package-1"], zones.Select(z => z.Name));
        Assert.All(zones, z => Assert.Equal(262_143_328_850, z.RangeUj));
    }

    [Theory]
    [InlineData(0, 0x2001, true, 1.5)]
    [InlineData(0, 0x0001, true, 1500.0)]
    [InlineData(5, 0x2041, false, 1.5)]
    [InlineData(5, 0x2001, false, 1.5)]
    public void The_kernels_clock_state(int state, int status, bool synchronised, double offsetMs)
    {
        var timex = new byte[208];
        BitConverter.TryWriteBytes(timex.AsSpan(8), 1_500_000L);
        BitConverter.TryWriteBytes(timex.AsSpan(24), 16_000L);
        BitConverter.TryWriteBytes(timex.AsSpan(32), 250L);
        BitConverter.TryWriteBytes(timex.AsSpan(40), status);

        Assert.Equal(new SystemClockState(synchronised, offsetMs, 16, 0.25), SystemClock.Decode(state, timex));
    }

    [Theory]
    [InlineData("Name:\tx\nCapEff:\t000001fffdffffff\n", false)]
    [InlineData("CapEff:\t000001ffffffffff\n", true)]
    [InlineData("CapEff:\t0000000000000000\n", false)]
    [InlineData("CapPrm:\t000001ffffffffff\n", false)]
    [InlineData("", false)]
    public void The_right_to_set_the_clock(string status, bool may) => Assert.Equal(may, SystemClock.MaySet(status));

    [Fact]
    public void A_process_is_known_by_more_than_its_pid()
    {
        var current = ProcessIdentity.Current();

        Assert.Equal(current, ProcessIdentity.Parse(current.ToString()));
        Assert.True(current.IsAlive());
        Assert.False((current with { StartTimeTicks = current.StartTimeTicks + 1 }).IsAlive());
        Assert.False((current with { BootId = Guid.NewGuid().ToString() }).IsAlive());
        Assert.Null(ProcessHandle.TryOpen(current with { StartTimeTicks = current.StartTimeTicks - 1 }));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1 5 5bb5a4a5-9a9a-4c0c-8a8a-000000000000")]
    [InlineData("12 x 5bb5a4a5-9a9a-4c0c-8a8a-000000000000")]
    [InlineData("12 5 boot")]
    [InlineData("12 5")]
    [InlineData("-12 5 5bb5a4a5-9a9a-4c0c-8a8a-000000000000")]
    public void What_names_no_process(string text) => Assert.Null(ProcessIdentity.Parse(text));

    [Fact]
    public void No_text_makes_a_parser_fail_or_give_a_negative_number()
    {
        string[] seeds =
        [
            NetDev, "cpu  281334 1 52186 606982 1313 2 2884 411 5 6\n", "some avg10=1.50 avg60=0.00 avg300=0.00 total=123\nfull avg10=0.25 total=45\n",
            "MemTotal: 1 kB\nMemFree: 2 kB\n", "eth0\t00000000\t0\t0003\t0\t0\t0\t00000000\t0\n", "12 5 5bb5a4a5-9a9a-4c0c-8a8a-000000000000\n", "99999999999\n",
        ];
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => ParseAll(seeds, seed)).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    private static void ParseAll(string[] seeds, int seed)
    {
        var random = new Random(seed);
        var bytes = Encoding.ASCII.GetBytes(seeds[random.Next(seeds.Length)]);
        for (var change = random.Next(8); change > 0; change--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(3))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] = (byte)"-0123456789 \n:=.e"[random.Next(17)];
                    break;
                default:
                    bytes = [.. bytes[..at], .. Encoding.ASCII.GetBytes(random.NextInt64().ToString(CultureInfo.InvariantCulture)), .. bytes[at..random.Next(at, bytes.Length)], 10];
                    break;
            }
        }

        try
        {
            _ = ProcStat.TryParse(bytes, out var stat);
            _ = ProcPressure.TryParse(bytes, out var pressure);
            _ = ProcNetDev.TryFind(bytes, "eth0"u8, out var dev);
            _ = ProcMemInfo.TryFindKb(bytes, "MemFree:"u8, out var kb);
            var good = EnergyCounter.TryParse(bytes, out var energy);
            var text = Encoding.UTF8.GetString(bytes);
            _ = ProcNetRoute.DefaultIface(text);
            _ = ProcNetRoute.DefaultIface6(text);
            _ = ProcessIdentity.Parse(text);
            _ = ProcCpuInfo.Parse(text);
            _ = SystemClock.MaySet(text);
            Assert.True(NetInterface.ParseSpeedBps(text) >= 0);
            Assert.True(stat.IdleTicks >= 0 && pressure.Some.TotalUs >= 0 && dev.RxBytes >= 0 && dev.TxBytes >= 0 && (!good || energy.EnergyUj >= 0));
            Assert.InRange(ProcStat.UtilisationPercent(default, stat) ?? 0, 0, 100);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
        }
    }
}
