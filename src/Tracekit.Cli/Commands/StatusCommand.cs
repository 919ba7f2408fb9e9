using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Tracekit.Cli.Options;
using Tracekit.Redis;
using Tracekit.Schedule;

namespace Tracekit.Cli.Commands;

/// <summary><c>tracekit status</c>: the queues, the nodes and the dead letters.</summary>
internal sealed class StatusCommand : Command
{
    private static readonly TimeSpan Redraw = TimeSpan.FromSeconds(1);

    private readonly RedisConnectionFlags _redis = new();
    private readonly Option<bool> _json = Flag.Switch("--json", "print as JSON");
    private readonly Option<bool> _watch = Flag.Switch("--watch", "go on showing it, on a terminal");

    public StatusCommand()
        : base("status", "queue lengths, nodes, running tasks, dead letters")
    {
        _redis.AddTo(this);
        Options.Add(_json);
        Options.Add(_watch);
        SetAction(Run);
    }

    private async Task<int> Run(ParseResult result, CancellationToken cancellation)
    {
        using var interrupt = InterruptSignal.Listen();
        await using var redis = await RedisConnection.ConnectAsync(_redis.OptionsOf(result, "status", Log.Line).Redis, interrupt.Token).ConfigureAwait(false);
        var status = await ControlStatus.ReadAsync(redis, interrupt.Token).ConfigureAwait(false);
        if (result.GetValue(_json))
        {
            Console.WriteLine(JsonSerializer.Serialize(status, ResultJson.Default.ControlStatus));
        }
        else if (result.GetValue(_watch) && !Console.IsOutputRedirected)
        {
            await WatchAsync(redis, interrupt.Token).ConfigureAwait(false);
        }
        else
        {
            AnsiConsole.Write(View(status, null));
        }

        return 0;
    }

    private static async Task WatchAsync(RedisConnection redis, CancellationToken cancellation)
    {
        await AnsiConsole.Live(new Text("")).StartAsync(async live =>
        {
            ControlStatus? before = null;
            while (!cancellation.IsCancellationRequested)
            {
                var status = await ControlStatus.ReadAsync(redis, CancellationToken.None).ConfigureAwait(false);
                live.UpdateTarget(View(status, before));
                before = status;
                await Task.WhenAny(Task.Delay(Redraw, CancellationToken.None), Task.Delay(Timeout.Infinite, cancellation)).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }

    private static Rows View(ControlStatus status, ControlStatus? before)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("node", "alive");
        foreach (var column in (string[])["free", "of", "running", "waiting", "oldest"])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var n in status.Nodes)
        {
            table.AddRow(
                Markup.Escape(n.Node), n.IsAlive ? "yes" : "no", Text(n.CapacityFree), Text(n.CapacityTotal), Text(n.RunCount), Text(n.Waiting),
                n.OldestRunningMs is { } ms ? (ms / 1000.0).ToString("0.0 's'", CultureInfo.InvariantCulture) : "");
        }

        var rate = before is null ? "" : $", {(status.Succeeded + status.Failed - before.Succeeded - before.Failed) * 1000.0 / Math.Max(1, status.TsMs - before.TsMs):0.0} ends a second";
        return new Rows(
            new Text($"{status.Pending} pending, {status.Succeeded} succeeded, {status.Failed} failed, {status.Dead} dead letters, {status.Requeued} taken back{rate}"),
            new Text(status.LeaderToken is null ? "no scheduler leads" : $"a scheduler leads, with fencing token {status.LeaderToken}"),
            table,
            new Rows([.. status.DeadLetters.Select(d => new Text($"dead: {d}"))]));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
