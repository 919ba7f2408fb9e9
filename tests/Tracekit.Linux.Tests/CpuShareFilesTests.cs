using FsCheck;
using FsCheck.Fluent;

namespace Tracekit.Linux.Tests;

public sealed class CpuShareFilesTests
{
    public static TheoryData<string, CpuShare, CpuShare, string, string> Cases => new()
    {
        { "nothing", default, default, "", "" },
        { "the usual weight is nothing new", default, new(null, 100), "", "" },
        { "a quota", default, new(1.5, null), "cpu.cfs_quota_us=150000", "cpu.max=150000 100000" },
        { "another quota is one write", new(1.5, 300), new(0.5, 300), "cpu.cfs_quota_us=50000", "cpu.max=50000 100000" },
        { "no quota any more", new(1.5, null), default, "cpu.cfs_quota_us=-1", "cpu.max=max 100000" },
        { "a weight", default, new(null, 400), "cpu.shares=4096", "cpu.weight=400" },
        { "the least weight", default, new(null, 1), "cpu.shares=10", "cpu.weight=1" },
        {
            "a quota under 1 ms in 100 ms takes a longer period", default, new(0.005, null),
            "cpu.cfs_period_us=200000 cpu.cfs_quota_us=1000", "cpu.max=1000 200000"
        },
        {
            "and back", new(0.005, null), new(1, null),
            "cpu.cfs_quota_us=100000 cpu.cfs_period_us=100000", "cpu.max=100000 100000"
        },
        {
            "the least quota", default, new(0, null),
            "cpu.cfs_period_us=1000000 cpu.cfs_quota_us=1000", "cpu.max=1000 1000000"
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Only_what_changes_is_written(string name, CpuShare from, CpuShare to, string version1, string version2)
    {
        Assert.NotEmpty(name);
        Assert.Equal(version1, Text(isVersion2: false, from, to));
        Assert.Equal(version2, Text(isVersion2: true, from, to));
    }

    [Fact]
    public void Every_quota_is_one_the_kernel_takes_and_as_near_as_a_thousandth()
    {
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Gen.Choose(1, 5_000_000).ToArbitrary(), millionths =>
        {
            var cores = millionths / 1e6;
            var (quotaUs, periodUs) = CpuBandwidth.Of(cores);
            var isTaken = quotaUs >= 1000 && periodUs is >= 100_000 and <= 1_000_000;
            return isTaken && (cores < 0.001 || Math.Abs((quotaUs / (double)periodUs) - cores) <= cores / 1000);
        }));
    }

    [Theory]
    [InlineData(true, "max 100000\n", "", null)]
    [InlineData(true, "150000 100000\n", "", 1.5)]
    [InlineData(true, "nonsense", "", null)]
    [InlineData(false, "-1\n", "100000\n", null)]
    [InlineData(false, "50000\n", "100000\n", 0.5)]
    public void A_quota_is_read_back(bool isVersion2, string quota, string period, double? cores) =>
        Assert.Equal(cores, CpuShareFiles.ReadQuota(isVersion2, quota, period));

    private static string Text(bool isVersion2, CpuShare from, CpuShare to) =>
        string.Join(' ', CpuShareFiles.Writes(isVersion2, from, to).Select(w => $"{w.File}={w.Text}"));
}
