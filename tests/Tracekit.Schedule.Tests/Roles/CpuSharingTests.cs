using Tracekit.Launch;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Schedule.Tests.Roles;

/// <summary>What tasks really get, measured on programs that take all they can: a worker, the adapter and the kernel together.</summary>
[CollectionDefinition("measures CPU time", DisableParallelization = true)]
[Collection("measures CPU time")]
public sealed class CpuSharingTests : IDisposable
{
    private const double Tolerance = 0.03;
    private const int Windows = 3;
    private const int MaxWindows = 40;
    private const int Cores = 2;
    private const double WholeShare = 0.97;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(3);

    private readonly TemporaryDirectory _directory = new();
    private readonly RunRecorder _recorder;
    private readonly ICpuController _cpu;
    private readonly CpuBackEnd _backEnd = CpuBackEnd.Choose();
    private readonly ProcessGroupGuard _guard = ProcessGroupGuard.Start();
    private readonly InProcessControlPlane _control = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly BurningRunner _runner;
    private readonly List<string> _reports = [];

    public CpuSharingTests()
    {
        var clock = new RunClock(TimeProvider.System);
        _recorder = new RunRecorder(new RunDirectory(_directory.Path), "test");
        _cpu = _backEnd.Controller;
        _runner = new BurningRunner(new Launcher(_recorder, "a", "cloud", clock, _guard.Group), _cpu);
    }

    public void Dispose()
    {
        _guard.Dispose();
        _cpu.Dispose();
        _recorder.Dispose();
        _directory.Dispose();
        _abort.Dispose();
    }

    [Fact]
    public async Task Programs_get_the_shares_of_their_tasks_and_more_when_one_ends()
    {
        if (!_cpu.CanLimit)
        {
            // No silent skip: a machine without any CPU controller for us says so for each of the three.
            Assert.Equal(3, _backEnd.Refused.Count);
            return;
        }

        var cores = CpuTopology.Of(new CpuSet(CpuAffinity.Allowed().Cpus.Take(Cores)));
        var run = Start(new WorkerOptions { NodeId = "a", Topology = cores, CapacityUnits = 7, CpuBinding = CpuBinding.Shared, CpuLimitCores = _cpu.LimitCores });
        var burning = await BurnAsync(1, 2, 4);
        AssertShares(burning, [1 / 7.0, 2 / 7.0, 4 / 7.0]);

        burning[2].Program.Send(Signals.Kill);
        Wait.Until(() => _runner.Ended.Count == 1);
        Wait.Until(() => burning[0].Placement.Share.QuotaCores > 2 / 7.0 + 0.01);
        AssertShares(burning[..2], [1 / 3.0, 2 / 3.0]);

        await EndAsync(run);
        var first = _runner.Ended.Single(i => i.CpuUnits == 1);
        Assert.Equal(("shared", 100), (first.CpuBinding, first.CpuWeight));
        Assert.Empty(_reports);
    }

    [Fact]
    public async Task A_tasks_own_quota_bounds_it_in_either_binding()
    {
        if (!_cpu.CanLimit)
        {
            Assert.Equal(3, _backEnd.Refused.Count);
            return;
        }

        var run = Start(new WorkerOptions { NodeId = "a", Topology = CpuTopology.Of(CpuAffinity.Allowed()), CapacityUnits = 64 });
        await _control.PushToAsync("a", Sample.Task(0) with { CpuQuota = 20, CpuWeight = 300 }, default);
        var burning = await _runner.NextStartedAsync();
        Wait.Until(() => burning.Pids.Count == 3);

        var clock = new RunClock(TimeProvider.System);
        var (cpuBefore, before) = (CpuNs(burning), clock.MonotonicNs);
        await Task.Delay(Window);
        var (cpuAfter, after) = (CpuNs(burning), clock.MonotonicNs);

        // One period's quota may be used at either end of the window.
        Assert.InRange((cpuAfter - cpuBefore) / (double)(after - before), 0, 0.2 + 0.05);
        await EndAsync(run);
        var ended = Assert.Single(_runner.Ended);
        Assert.Equal(("exclusive", 20.0, 300), (ended.CpuBinding, ended.CpuQuotaPercent, ended.CpuWeight));
    }

    [Fact]
    public async Task Exclusive_programs_never_have_a_core_in_common()
    {
        const int Rounds = 10;
        var allowed = CpuAffinity.Allowed();
        var run = Start(new WorkerOptions { NodeId = "a", Topology = CpuTopology.Of(allowed) });
        var running = await BurnAsync([.. Enumerable.Repeat(1, allowed.Count)]);
        for (var round = 0; round < Rounds; round++)
        {
            CpuSet[] held = [.. running.Select(r => Assert.Single(r.AllowedCpus().Distinct()))];
            Assert.Equal(allowed, new CpuSet(held.SelectMany(h => h.Cpus)));
            Assert.Equal(allowed.Count, held.Sum(h => h.Count));

            running[round % running.Count].Program.Send(Signals.Kill);
            running[round % running.Count] = (await BurnAsync(1))[0];
        }

        await EndAsync(run);
        Assert.All(_runner.Ended, i => Assert.Null(i.CpuOvercommit));
        Assert.All(_runner.Ended, i => Assert.Equal("exclusive", i.CpuBinding));
    }

    [Fact]
    public async Task With_more_units_than_cores_the_records_of_those_that_share_say_so()
    {
        var cores = CpuAffinity.Allowed().Count;
        var run = Start(new WorkerOptions { NodeId = "a", Topology = CpuTopology.Of(CpuAffinity.Allowed()), AllocationRatio = 2 });
        await BurnAsync(cores, 1);

        await EndAsync(run);

        Assert.Equal([true, true], _runner.Ended.Select(i => i.CpuOvercommit));
    }

    private Task Start(WorkerOptions options)
    {
        var worker = new Worker(options, _control, _runner, new RunClock(TimeProvider.System), _reports.Add);
        return worker.RunAsync(default, _abort.Token);
    }

    private async Task<List<Burning>> BurnAsync(params int[] units)
    {
        List<Burning> burning = [];
        foreach (var unit in units)
        {
            await _control.PushToAsync("a", Sample.Task(0, unit), default);
            burning.Add(await _runner.NextStartedAsync());
        }

        Wait.Until(() => burning.TrueForAll(b => b.Pids.Count == 3));
        return burning;
    }

    private async Task EndAsync(Task run)
    {
        await _abort.CancelAsync();
        await run.WaitAsync(TimeSpan.FromSeconds(30));
    }

    // Shares of the CPU time that all of them got together, by their CPU clocks. A window in which something else on the machine took part of the two cores
    // says nothing about the shares and does not count; the median of the last three that count decides.
    private static void AssertShares(IReadOnlyList<Burning> burning, double[] expected)
    {
        List<double[]> windows = [];
        for (var taken = 0; taken < MaxWindows && (windows.Count < Windows || !IsRight()); taken++)
        {
            long[] before = [.. burning.Select(CpuNs)];
            var since = System.Diagnostics.Stopwatch.GetTimestamp();
            Thread.Sleep(Window);
            long[] used = [.. burning.Select((b, i) => CpuNs(b) - before[i])];
            var offered = System.Diagnostics.Stopwatch.GetElapsedTime(since).TotalNanoseconds * Cores;
            if (used.Sum() >= offered * WholeShare)
            {
                windows.Add([.. used.Select(u => u / (double)used.Sum())]);
            }
        }

        Assert.True(windows.Count >= Windows, $"other programs used this machine all the time: of {MaxWindows} windows of {Window.TotalSeconds} s only {windows.Count} had both cores");
        Assert.True(IsRight(), $"wanted {string.Join(" ", expected)}, got {string.Join("; ", windows.Select(w => string.Join(" ", w)))}");

        double[] Median() => [.. expected.Select((_, i) => windows.TakeLast(Windows).Select(w => w[i]).Order().ElementAt(Windows / 2))];
        bool IsRight() => Median().Zip(expected, (is_, wanted) => Math.Abs(is_ - wanted) <= Tolerance * wanted).All(ok => ok);
    }

    private static long CpuNs(Burning burning) => burning.Pids.Sum(pid => CpuClock.TryReadNs(pid, out var ns) ? ns : 0);
}
