using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using Tracekit.Model;
using Tracekit.Schedule;

namespace Tracekit.Cli.Run;

/// <summary>
/// How far the run is, on standard error: a view that is drawn over itself on a terminal, else a plain line when a count changes and now and then.
/// </summary>
internal sealed class RunDisplay : IAsyncDisposable
{
    private const int MaxRunningShown = 12;
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private readonly string _runId;
    private readonly LiveUsage _usage;
    private readonly RunClock _clock;
    private readonly long _beganMs;
    private readonly bool _isTerminal = !Console.IsErrorRedirected;
    private readonly IAnsiConsole _console;
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _lock = new();
    private readonly Queue<string> _said = new();
    private Task _drawing = Task.CompletedTask;

    private RunDisplay(string runId, LiveUsage usage, RunClock clock)
    {
        _runId = runId;
        _usage = usage;
        _clock = clock;
        _beganMs = clock.NowMs;
        _console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
    }

    /// <summary>A display that shows nothing yet.</summary>
    public static RunDisplay Start(string runId, LiveUsage usage, RunClock clock) => new(runId, usage, clock);

    /// <summary>Begins to show a run.</summary>
    public void Follow(LocalRun run) => _drawing = Task.Run(() => _isTerminal ? DrawAsync(run) : PrintAsync(run));

    /// <summary>Says one line; it stays.</summary>
    public void Say(string line)
    {
        lock (_lock)
        {
            if (_isTerminal && !_drawing.IsCompleted)
            {
                _said.Enqueue(line);
            }
            else
            {
                Console.Error.WriteLine($"tracekit run: {line}");
            }
        }
    }

    /// <summary>Ends the display.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _drawing.ConfigureAwait(false);
        SayQueued();
        _ending.Dispose();
    }

    private async Task DrawAsync(LocalRun run)
    {
        await _console.Live(new Text("")).AutoClear(true).StartAsync(async live =>
        {
            while (!_ending.IsCancellationRequested)
            {
                SayQueued();
                live.UpdateTarget(View(await run.ProgressAsync(CancellationToken.None).ConfigureAwait(false)));
                await PauseAsync(Redraw).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
    }

    private async Task PrintAsync(LocalRun run)
    {
        var printed = "";
        var printedMs = 0L;
        while (!_ending.IsCancellationRequested)
        {
            var progress = await run.ProgressAsync(CancellationToken.None).ConfigureAwait(false);
            var counts = Counts(progress);
            if (progress.Total > 0 && (counts != printed || _clock.NowMs - printedMs >= PlainInterval.TotalMilliseconds))
            {
                printed = counts;
                printedMs = _clock.NowMs;
                Console.Error.WriteLine($"{Age(_beganMs),6}  {counts}");
            }

            await PauseAsync(Redraw).ConfigureAwait(false);
        }
    }

    private async Task PauseAsync(TimeSpan time)
    {
        try
        {
            await Task.Delay(time, _ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The run is over; the caller sees it.
        }
    }

    private void SayQueued()
    {
        lock (_lock)
        {
            while (_said.TryDequeue(out var line))
            {
                _console.MarkupLineInterpolated($"[yellow]tracekit run:[/] {line}");
            }
        }
    }

    private Rows View(RunProgress progress)
    {
        var done = progress.Succeeded + progress.Failed;
        var bar = new BreakdownChart().Width(60).HideTags()
            .AddItem("done", progress.Succeeded, Color.Green)
            .AddItem("failed", progress.Failed, Color.Red)
            .AddItem("running", progress.Running, Color.Yellow)
            .AddItem("to do", Math.Max(0, progress.Total - done - progress.Running), Color.Grey);
        var table = new Table().Border(TableBorder.None).AddColumns("task", "profile", "input", "cpus");
        foreach (var column in (string[])["age", "cores", "memory"])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var task in progress.RunningTasks.Take(MaxRunningShown))
        {
            table.AddRow([.. Cells(task).Select(c => new Text(c))]);
        }

        var hidden = progress.RunningTasks.Count - MaxRunningShown;
        IRenderable[] parts = [new Text($"{_runId}  {Age(_beganMs)}  {Counts(progress)}"), bar, table];
        return new Rows(hidden > 0 ? [.. parts, new Text($"and {hidden} more")] : parts);
    }

    private IEnumerable<string> Cells(RunningTask task)
    {
        var (cores, rssKb) = _usage.Of(task.Pid ?? 0);
        return
        [
            task.Seq?.ToString(CultureInfo.InvariantCulture) ?? "?",
            task.Profile ?? "",
            Printable.Line(task.Input),
            task.Cpuset ?? "shared",
            Age(task.StartedMs),
            cores.ToString("0.00", CultureInfo.InvariantCulture),
            $"{rssKb / 1024} MiB",
        ];
    }

    private string Age(long sinceMs) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, _clock.NowMs - sinceMs) / 1000.0:0.0} s");

    private static string Counts(RunProgress p) =>
        $"{p.Succeeded + p.Failed} of {p.Total} tasks done ({p.Failed} failed), {p.Running} running, {p.Total - p.Succeeded - p.Failed - p.Running} pending";
}
