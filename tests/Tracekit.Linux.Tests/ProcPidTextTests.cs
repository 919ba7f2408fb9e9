using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Tracekit.Linux.Tests;

/// <summary>Texts of /proc/&lt;pid&gt; and of control groups, as several kernels write them.</summary>
public sealed class ProcPidTextTests
{
    private const string Version1 = "9:name=systemd:/user\n4:memory:/batch/a\n2:cpu,cpuacct:/batch/a\n1:cpuset:/\n";
    private const string Hybrid = "2:cpu:/batch/a\n1:name=systemd:/x\n0::/user.slice/a b:c\n";
    private const string Version2 = "0::/kubepods/pod1/abc\n";

    [Theory]
    [InlineData(Version1, "cpu", "/batch", true)]
    [InlineData(Version1, "cpuacct", "/batch/a", true)]
    [InlineData(Version1, "cpu", "/bat", false)]
    [InlineData(Version1, "cpuset", "/", true)]
    [InlineData(Version1, "name=systemd", "/user", true)]
    [InlineData(Version1, "pids", "/batch", false)]
    [InlineData(Version1, "", "/batch", false)]
    [InlineData(Hybrid, "", "/user.slice", true)]
    [InlineData(Hybrid, "", "/user.slice/a b:c", true)]
    [InlineData(Hybrid, "cpu", "/batch/a/b", false)]
    [InlineData(Version2, "", "/kubepods", true)]
    [InlineData(Version2, "", "/kubepods/pod1/abcd", false)]
    [InlineData(Version2, "cpu", "/", false)]
    [InlineData("", "", "/", false)]
    [InlineData("0::", "", "/", false)]
    [InlineData("0:/x", "", "/x", false)]
    public void A_process_is_in_a_group_or_below_it(string text, string controllers, string group, bool isIn) =>
        Assert.Equal(isIn, ProcPidCgroup.IsIn(Encoding.UTF8.GetBytes(text), Encoding.UTF8.GetBytes(controllers), Encoding.UTF8.GetBytes(group)));

    [Theory]
    [InlineData("/sys/fs/cgroup/cpu,cpuacct/batch", "cpu", "/batch")]
    [InlineData("/sys/fs/cgroup/cpu,cpuacct/", "cpu", "/")]
    [InlineData("/sys/fs/cgroup/unified/user.slice", "", "/user.slice")]
    [InlineData("/sys/fs/cgroup/systemd/x", "name=systemd", "/x")]
    [InlineData("/sys/fs/cgroup/memory/a", "memory", "/docker/1/a")]
    [InlineData("/tmp", null, null)]
    [InlineData("/sys/fs/cgroup/cpu,cpuacctx", null, null)]
    public void Where_a_group_stands_in_its_hierarchy(string directory, string? controller, string? group)
    {
        const string Mounts = """
            32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
            33 31 0:30 /docker/1 /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory
            34 31 0:31 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd
            41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
            """;
        var found = CgroupLocation.Find(Mounts, directory);

        Assert.Equal((controller, group), (found?.Controller, found?.Group));
        Assert.Equal(controller == "cpu" && group == "/batch", found?.Siblings.GetValueOrDefault("memory") == "/sys/fs/cgroup/memory/batch");
    }

    [Theory]
    [InlineData("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0 18446744073709551615 0", true, 0, 0, 0)]
    [InlineData("7 (a) b) (c\n) S 1 7 7 0 -1 4194560 150 9 3 8 7 5 3 2 20 0 4 0 987 2875392 256 18446744073709551615 1", false, 150, 3, 256)]
    [InlineData("7 (\u00e9\u4e2d) Z 1 7 7 0 -1 4227084 1 0 2 0 7 5 3 2 20 0 1 0 987 0 0 18446744073709551615 1", false, 1, 2, 0)]
    public void Kernel_threads_faults_and_memory(string text, bool isKernel, long minor, long major, long pages)
    {
        var bytes = Encoding.UTF8.GetBytes(text);

        Assert.Equal(isKernel, ProcPidStat.IsKernelThread(bytes));
        Assert.True(ProcPidStat.TryParseMemory(bytes, out var minflt, out var majflt, out var resident));
        Assert.Equal((minor, major, pages), (minflt, majflt, resident));
    }

    [Theory]
    [InlineData("rchar: 1\nread_bytes: 4096\nwrite_bytes: 8192\n", "read_bytes:", 4096)]
    [InlineData("Name:\tx\nnonvoluntary_ctxt_switches:\t9\nvoluntary_ctxt_switches:\t7\n", "voluntary_ctxt_switches:", 7)]
    [InlineData("55d-7ff ---p 0 [rollup]\nRss:     1000 kB\nPss:      600 kB\n", "Pss:", 600)]
    [InlineData("Pss: x\n", "Pss:", -1)]
    [InlineData("", "Pss:", -1)]
    public void A_field_by_its_name(string text, string name, long value) =>
        Assert.Equal(value, ProcPidFields.Number(Encoding.ASCII.GetBytes(text), Encoding.ASCII.GetBytes(name)));

    [Fact]
    public void Wait_and_forks()
    {
        Assert.Equal(42, ProcPidFields.RunWaitNs("100 42 7\n"u8));
        Assert.Equal(815, ProcStatForks.Forks("cpu 1 2\nintr 5\nprocesses 815\nprocs_running 1\n"u8));
        Assert.Equal(-1, ProcStatForks.Forks("cpu 1 2\n"u8));
        Assert.True(ProcStatForks.ReadForks() > 0);
    }

    [Fact]
    public void The_list_of_processes_has_ourselves()
    {
        var found = new HashSet<int>();
        new ProcDirectory().Read((pid, stat) => _ = ProcPidStat.TryParse(stat, out _) && found.Add(pid));

        Assert.Contains(Environment.ProcessId, found);
        Assert.Contains(1, found);
    }

    [Fact]
    public void No_text_makes_a_parser_fail()
    {
        string[] good = [Version1, Hybrid, "7 (a) b) (c\n) S 1 7 7 0 -1 4194560 150 9 3 8 7 5 3 2 20 0 4 0 987 2875392 256 1", "some avg10=1.23 total=456", "read_bytes: 4096\n", "100 42 7"];
        var property = Prop.ForAll(
            ArbMap.Default.ArbFor<byte[]>(),
            ArbMap.Default.ArbFor<int>(),
            ArbMap.Default.ArbFor<int>(),
            (noise, which, at) =>
            {
                var text = Encoding.UTF8.GetBytes(good[(which & int.MaxValue) % good.Length]);
                var start = (at & int.MaxValue) % text.Length;
                noise.AsSpan(0, Math.Min(noise.Length, text.Length - start)).CopyTo(text.AsSpan(start));
                foreach (var bytes in new[] { noise, text, text[..start] })
                {
                    _ = ProcPidStat.TryParse(bytes, out _);
                    _ = ProcPidStat.IsKernelThread(bytes);
                    _ = ProcPidStat.TryParseMemory(bytes, out _, out _, out _);
                    _ = ProcPidStatm.TryParse(bytes, out _);
                    _ = ProcPidCgroup.IsIn(bytes, "cpu"u8, "/batch"u8);
                    _ = ProcStatForks.Forks(bytes);
                    _ = ProcPressure.TryParse(bytes, out _);
                    Assert.True(ProcPidFields.Number(bytes, "read_bytes:"u8) >= -1 && ProcPidFields.RunWaitNs(bytes) >= -1);
                    _ = CgroupLocation.Find(Encoding.UTF8.GetString(bytes), "/a");
                }
            });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), property);
    }
}
