using System.CommandLine;
using System.Diagnostics;
using Tracekit.Cli.Collect;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Cli.Commands;

/// <summary><c>tracekit collect start</c>: a collector in the background; returns when it samples, or says why it does not.</summary>
internal sealed class CollectStartCommand : Command
{
    private const int Failed = 1;

    private readonly CollectFlags _flags = new();

    public CollectStartCommand()
        : base("start", "collect in the background, one collector for each run and node")
    {
        _flags.AddTo(this);
        SetAction(Run);
    }

    private async Task<int> Run(ParseResult result, CancellationToken cancellation)
    {
        using var interrupt = InterruptSignal.Listen();
        var runId = _flags.GivenRunId(result);

        // What was asked wrongly is told here, before there is a second process.
        _ = _flags.OptionsOf(result, runId);

        string[] arguments = Environment.GetCommandLineArgs()[1..];
        if (arguments is not ["collect", "start", .. var flags])
        {
            throw new UsageException("write 'tracekit collect start' first and its flags behind it");
        }

        var start = new ProcessStartInfo(Environment.ProcessPath!, ["collect", "run", CollectRunCommand.DetachedFlag, .. flags]) 
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["RUN_ID"] = runId;

        // Pipes of its own for all three: the runtime keeps copies of what it was born with, and nobody who reads from us shall wait for the collector.
        using var child = Process.Start(start)!;
        child.StandardInput.Close();
        var errors = child.StandardError.ReadToEndAsync(cancellation);
        await using var ending = interrupt.Token.Register(() => Signals.Send(child.Id, Signals.Terminate)).ConfigureAwait(false);
        var answer = new List<string>();
        while (await child.StandardOutput.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line && line != ReadyPipe.EndWord)
        {
            answer.Add(line);
        }

        if (answer is [ReadyPipe.ReadyWord, ..])
        {
            answer[1..].ForEach(Console.WriteLine);

            return 0;
        }

        await child.WaitForExitAsync(cancellation).ConfigureAwait(false);
        interrupt.Token.ThrowIfCancellationRequested();

        // What failed before it left us it has told already, in one line.
        Console.Error.Write(await errors.ConfigureAwait(false));
        return answer is [var error, ..] && ReadyPipe.Fault(error) is { } fault ? throw fault : child.ExitCode is 0 ? Failed : child.ExitCode;
    }
}
