using System.Diagnostics;
using System.Globalization;
using Tracekit.Redis;

namespace Tracekit.EndToEnd;

/// <summary>One run of the control plane in which things go wrong as planned; in the end everything must be as if nothing had.</summary>
internal sealed class ControlPlaneRun : IDisposable
{
    public const int Tasks = 200;

    private const string Dispatch = "X";
    private const string MarkVariable = "TRACEKIT_FAULT_RUN";
    private const int Units = 4;
    private const int Slots = 3;
    private static readonly TimeSpan QuietWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);
    private static readonly string Quiet = ReadQuiet();

    private readonly FaultPlan _plan;
    private readonly Workspace _workspace = new();
    private readonly string _mark = $"{MarkVariable}={Guid.NewGuid():N}";
    private readonly DurableServer _server;
    private readonly CuttableNetwork _network;
    private readonly Member[] _schedulers;
    private readonly Member[] _workers;
    private readonly Member _dispatcher;

    public ControlPlaneRun(FaultPlan plan)
    {
        _plan = plan;
        _server = new DurableServer(_workspace.File("redis"));
        _network = new CuttableNetwork(_server.Port);
        var program = _workspace.Tracekit;
        program.Environment[MarkVariable] = _mark[(MarkVariable.Length + 1)..];
        string[] lease = ["--lease", "1", "--max-attempts", "1000"];
        _schedulers = [.. Enumerable.Range(0, FaultPlan.Schedulers).Select(i => new Member($"scheduler {i}", program, ["scheduler", "--redis", _server.Url, .. lease]))];
        _workers = [.. Enumerable.Range(0, FaultPlan.Workers).Select(i => new Member(
            $"worker {i}",
            program,
            [
                "worker", "--redis", i == FaultPlan.Workers - 1 ? _network.Url : _server.Url, "--node-id", $"n{i}", "--run-id", "r", "--allow", "sleep",
                "--cpu-binding", "shared", "--capacity-units", $"{Units}", .. plan.Slots ? (string[])["--parallel", $"{Slots}"] : [], .. lease,
            ]))];
        _dispatcher = new Member(
            "dispatcher",
            program,
            [
                "dispatch", "--redis", _server.Url, "--dispatch-id", Dispatch, "--total", $"{Tasks}", "--pulse-size", "50",
                "--pulse-interval", plan.PulseIntervalMs.ToString(CultureInfo.InvariantCulture),
                "--", "sleep", plan.TaskSeconds.ToString("0.00", CultureInfo.InvariantCulture),
            ]);
    }

    private IEnumerable<Member> Members => [.. _schedulers, .. _workers, _dispatcher];

    /// <summary>Runs it; returns one line of figures.</summary>
    /// <exception cref="Exception">Something is not as it must be; the message tells the plan and what everyone said.</exception>
    public async Task<string> RunAsync()
    {
        try
        {
            var clock = Stopwatch.StartNew();
            foreach (var member in Members)
            {
                member.Start();
            }

            GoWrong();
            await using var redis = await RedisConnection.ConnectAsync(new RedisOptions(RedisEndpoint.Parse(_server.Url)));
            await UntilQuietAsync(redis);
            var waited = _workspace.Tracekit.Run("wait", Dispatch, "--redis", _server.Url);
            Assert.True(waited.ExitCode == 0 && waited.Output.Contains($"{Tasks} of {Tasks} tasks succeeded", StringComparison.Ordinal), waited.Error + waited.Output);
            Leave();
            var counts = await redis.CallAsync(RespCommand.Of("HMGET", "tracekit:counts", "requeued", "rejected"));
            return string.Create(
                CultureInfo.InvariantCulture,
                $"{_plan.Faults.Count} faults, {counts[0].AsTextOrNull() ?? "0"} requeued, {counts[1].AsTextOrNull() ?? "0"} too late, {clock.Elapsed.TotalSeconds:0.0} s");
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{_plan}\n{e.Message}\n{string.Join("\n", Members.Select(m => m.Told))}", e);
        }
    }

    public void Dispose()
    {
        foreach (var member in Members)
        {
            member.Dispose();
        }

        _network.Dispose();
        _server.Dispose();

        // The children of what was killed just now end on their own; their directory is deleted after them.
        Wait.Until(() => ProcessesOfTheRun().Count == 0);
        _workspace.Dispose();
    }

    private void GoWrong()
    {
        // What is struck again while it is down comes back with the first of the two, like the process of a hasty operator.
        var events = new PriorityQueue<Action, int>();
        foreach (var fault in _plan.Faults)
        {
            events.Enqueue(() => Strike(fault), fault.AtMs);
            events.Enqueue(() => Restore(fault), fault.AtMs + fault.DownMs);
        }

        var clock = Stopwatch.StartNew();
        while (events.TryPeek(out var next, out var atMs))
        {
            if (clock.ElapsedMilliseconds >= atMs)
            {
                events.Dequeue();
                next();
            }
            else
            {
                Tend();
            }
        }
    }

    private void Strike(Fault fault)
    {
        switch (fault.Target)
        {
            case FaultTarget.Scheduler:
                _schedulers[fault.Index].Kill();
                break;
            case FaultTarget.Worker:
                _workers[fault.Index].Kill();
                break;
            case FaultTarget.Dispatcher:
                _dispatcher.Kill();
                break;
            case FaultTarget.Redis:
                _server.Kill();
                break;
            case FaultTarget.Silence:
                _network.FallSilent();
                break;
            default:
                _network.Break();
                break;
        }
    }

    private void Restore(Fault fault)
    {
        switch (fault.Target)
        {
            case FaultTarget.Scheduler:
                _schedulers[fault.Index].Start();
                break;
            case FaultTarget.Worker:
                _workers[fault.Index].Start();
                break;
            case FaultTarget.Dispatcher:
                _dispatcher.Start();
                break;
            case FaultTarget.Redis:
                _server.StartAgain();
                break;
            default:
                _network.Heal();
                break;
        }
    }

    private void Tend()
    {
        foreach (var member in Members)
        {
            member.Tend();
        }

        Thread.Sleep(Tick);
    }

    private async Task UntilQuietAsync(RedisConnection redis)
    {
        var since = Stopwatch.StartNew();
        while (true)
        {
            var reply = await redis.CallAsync(
                RespCommand.Of("EVAL", Quiet, "0", Dispatch).Add((long)Tasks).Add((long)FaultPlan.Workers).Add((long)Units).Add(_plan.Slots ? (long)Slots : 0L));
            if (reply.Count == 0 && _dispatcher.IsDone)
            {
                return;
            }

            Assert.True(since.Elapsed < QuietWithin, $"still not quiet after {QuietWithin.TotalSeconds} s:\n{Lines(reply)}");
            Tend();
        }
    }

    private void Leave()
    {
        foreach (var member in _schedulers.Concat(_workers))
        {
            member.Leave();
        }

        foreach (var member in _schedulers.Concat(_workers))
        {
            Assert.Equal(0, member.LeftWith());
        }

        Assert.Empty(ProcessesOfTheRun());
    }

    // Every process of the run has the mark in its environment, and so have its children.
    private List<string> ProcessesOfTheRun()
    {
        var found = new List<string>();
        foreach (var directory in Directory.GetDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])))
        {
            try
            {
                if (File.ReadAllText($"{directory}/environ").Contains(_mark, StringComparison.Ordinal))
                {
                    found.Add($"{Path.GetFileName(directory)}: {File.ReadAllText($"{directory}/cmdline").Replace('\0', ' ')}");
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Ended in the meantime, or another user's.
            }
        }

        return found;
    }

    private static string Lines(RespValue reply)
    {
        const int MaxLines = 30;
        var lines = new List<string>();
        foreach (var line in reply.Items)
        {
            lines.Add(line.AsText());
        }

        return string.Join('\n', lines.Take(MaxLines));
    }

    private static string ReadQuiet()
    {
        using var reader = new StreamReader(typeof(ControlPlaneRun).Assembly.GetManifestResourceStream("quiet.lua")!);
        return reader.ReadToEnd();
    }
}
