using System.Text;

namespace Tracekit.Linux.Tests;

public sealed class ProcTextTests
{
    // Fields 4 to 22 of proc_pid_stat(5), then some of the rest.
    private const string Fields = " 1 100 100 0 -1 4194560 150 0 0 0 7 5 3 2 20 0 4 0 987654 2875392 256 18446744073709551615 1 1 0\n";

    public static TheoryData<string, char, string> Names => new()
    {
        { "42 (cat) R", 'R', "cat" },
        { "42 (tmux: server) S", 'S', "tmux: server" },
        { "42 (a) b (c)) D", 'D', "a) b (c)" },
        { "42 (line\nfeed) Z", 'Z', "line\nfeed" },
        { "42 () I", 'I', "" },
        { "42 ((sd-pam)) S", 'S', "(sd-pam)" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Stat_is_read_whatever_the_command_is_called(string head, char state, string name)
    {
        var text = Encoding.UTF8.GetBytes(head + Fields);

        Assert.True(ProcPidStat.TryParse(text, out var stat));
        Assert.Equal(new ProcPidStat(state, 1, 7, 5, 3, 2, 4, 987654), stat);
        Assert.Equal(name, ProcPidStat.CommandName(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("42 (cat")]
    [InlineData("42 (cat) R")]
    [InlineData("42 (cat) R 1 2 3 4 5")]
    [InlineData("42 (cat) R x x x x x x x x x x x x x x x x x x x x")]
    public void Stat_that_is_cut_or_odd_is_refused(string text) => Assert.False(ProcPidStat.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData('Z', 1, true)]
    [InlineData('Z', 3, false)]
    [InlineData('X', 1, true)]
    [InlineData('S', 1, false)]
    public void A_zombie_leader_whose_threads_run_has_not_exited(char state, int threads, bool exited) =>
        Assert.Equal(exited, new ProcPidStat(state, 1, 0, 0, 0, 0, threads, 0).HasExited);

    [Fact]
    public void Statm_counts_in_real_pages()
    {
        Assert.True(ProcPidStatm.TryParse("702 256 200 1 0 100 0\n"u8, out var statm));
        Assert.Equal(256 * Kernel.PageSizeBytes / 1024, statm.ResidentKb);
    }

    [Fact]
    public void Our_own_stat_agrees_with_what_the_runtime_says()
    {
        var stat = ProcPidStat.Read(Environment.ProcessId)!.Value;

        Assert.NotNull(ProcPidStat.Read(stat.ParentPid));
        Assert.True(stat.ThreadCount >= 1);
        Assert.True(CpuClock.TryReadNs(Environment.ProcessId, out var cpuNs));
        Assert.InRange((stat.UtimeTicks + stat.StimeTicks) * Kernel.NsPerClockTick, 0, cpuNs + (2 * Kernel.NsPerClockTick));
    }

    [Theory]
    [InlineData("processor\t: 0\nmodel name\t: Intel(R) Xeon(R) CPU E5-2650 v3 @ 2.30GHz\ncpu MHz\t\t: 1197.812\n", "Intel(R) Xeon(R) CPU E5-2650 v3 @ 2.30GHz", 1197.812, 2300.0)]
    [InlineData("model name\t: Intel(R) Xeon(R) Processor\ncpu MHz\t\t: 2700.000\n", "Intel(R) Xeon(R) Processor", 2700.0, null)]
    [InlineData("processor\t: 0\nBogoMIPS\t: 108.00\n\nHardware\t: BCM2835\nModel\t\t: Raspberry Pi 4\n", "BCM2835", null, null)]
    [InlineData("", null, null, null)]
    public void Cpuinfo_of_several_machines(string text, string? model, double? mhz, double? nominal) =>
        Assert.Equal(new ProcCpuInfo(model, mhz, nominal), ProcCpuInfo.Parse(text));

    [Fact]
    public void Meminfo_gives_total_and_available() =>
        Assert.Equal(
            new ProcMemInfo(24684180, 24000000),
            ProcMemInfo.Parse("MemTotal:       24684180 kB\nMemFree:        20000000 kB\nMemAvailable:   24000000 kB\n"));
}
