using System.CommandLine;
using Tracekit.Cli.Collect;
using Tracekit.Collect.Daemon;
using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Cli.Commands;

/// <summary><c>tracekit collect run</c>: the collector itself, until a signal ends it.</summary>
internal sealed class CollectRunCommand : Command
{
    /// <summary>How <c>collect start</c> asks for a collector in the background.</summary>
    public const string DetachedFlag = "--detached";

    private readonly CollectFlags _flags = new();
    private readonly Option<bool> _detached = new(DetachedFlag) { Hidden = true };

    public CollectRunCommand()
        : base("run", "collect until SIGINT or SIGTERM")
    {
        _flags.AddTo(this);
        Options.Add(_detached);
        SetAction(Run);
    }

    private int Run(ParseResult result)
    {
        using var interrupt = InterruptSignal.Listen();
        var options = _flags.OptionsOf(result, _flags.GivenRunId(result));
        var directory = options.MakeDirectory();
        using var claim = CollectorClaim.Take(directory);
        if (!result.GetValue(_detached))
        {
            CollectSession.Run(options, directory, interrupt, lines => lines.ToList().ForEach(Log.Line));
            return 0;
        }

        using var starter = new ReadyPipe(Detachment.Leave(directory.CollectorLog));
        try
        {
            CollectSession.Run(options, directory, interrupt, starter.Ready);
        }
        catch (Exception e) when (e is TracekitException or IOException or UnauthorizedAccessException)
        {
            starter.Failed(e);
            throw;
        }

        return 0;
    }
}
