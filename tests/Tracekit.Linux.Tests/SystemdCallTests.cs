namespace Tracekit.Linux.Tests;

/// <summary>What is said to systemd; it does not run on a machine for tests.</summary>
public sealed class SystemdCallTests
{
    private const string Manager = "org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager";

    [Fact]
    public void A_scope_is_made_around_the_held_process() => Assert.Equal(
        $"busctl --quiet --timeout=5 -- call {Manager} StartTransientUnit ssa(sv)a(sa(sv)) t.scope fail 6 "
        + "Description s tracekit task CollectMode s inactive-or-failed PIDs au 1 4711 "
        + "CPUQuotaPerSecUSec t 1500000 CPUQuotaPeriodUSec t 100000 CPUWeight t 300 0",
        string.Join(' ', SystemdCall.StartScope("t.scope", 4711, new CpuShare(1.5, 300), user: false)));

    [Fact]
    public void Without_limits_the_quota_is_infinite_and_the_weight_the_usual() => Assert.EndsWith(
        "CPUQuotaPerSecUSec t 18446744073709551615 CPUQuotaPeriodUSec t 100000 CPUWeight t 100 0",
        string.Join(' ', SystemdCall.StartScope("t.scope", 1, default, user: false)),
        StringComparison.Ordinal);

    [Fact]
    public void The_users_own_manager_changes_a_share_until_the_scope_ends() => Assert.Equal(
        $"busctl --user --quiet --timeout=5 -- call {Manager} SetUnitProperties sba(sv) t.scope true 3 "
        + "CPUQuotaPerSecUSec t 5000 CPUQuotaPeriodUSec t 200000 CPUWeight t 100",
        string.Join(' ', SystemdCall.SetShare("t.scope", new CpuShare(0.005, null), user: true)));

    [Fact]
    public void A_unit_is_killed_whole() =>
        Assert.EndsWith("KillUnit ssi t.scope all 9", string.Join(' ', SystemdCall.Kill("t.scope", user: false)), StringComparison.Ordinal);

    [Theory]
    [InlineData(null, "tracekit-1-2-3-7.scope")]
    [InlineData("encode@a", "encode@a.scope")]
    [InlineData("encode.scope", "encode.scope")]
    [InlineData("encode.service", "encode.scope")]
    public void A_scope_has_the_tasks_unit_name(string? unitName, string scope) =>
        Assert.Equal(scope, SystemdCall.ScopeName(unitName, new CgroupOwner(1, 2, 3), 7));
}
