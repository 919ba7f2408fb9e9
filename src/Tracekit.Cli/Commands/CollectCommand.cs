using System.CommandLine;

namespace Tracekit.Cli.Commands;

/// <summary><c>tracekit collect</c>: samples a node and its processes, whatever runs on it.</summary>
internal sealed class CollectCommand : Command
{
    public CollectCommand()
        : base("collect", "sample this machine and its processes, whatever runs on it")
    {
        foreach (var command in (Command[])[new CollectRunCommand(), new CollectStartCommand(), new CollectStopCommand(), new CollectStatusCommand()])
        {
            Subcommands.Add(command);
        }
    }
}
