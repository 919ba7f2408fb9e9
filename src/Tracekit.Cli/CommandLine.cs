using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Tracekit.Cli.Commands;
using Tracekit.Model;

namespace Tracekit.Cli;

/// <summary>All commands, and the one place where an error becomes a line and an exit code.</summary>
internal static class CommandLine
{
    private const int Failed = 1;
    private const int AskedWrongly = 2;
    private const int Interrupted = 130;

    /// <summary>Runs the program; returns its exit code.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            var parsed = Root().Parse(args);
            if (parsed.Errors.Count > 0 && parsed.Action is not (HelpAction or ExamplesAfterHelp))
            {
                return Tell(Mistake(parsed), AskedWrongly);
            }

            // Signals are each command's own business: a run has children to end and records to write.
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null })
                .ConfigureAwait(false);
        }
        catch (UsageException e)
        {
            return Tell(e.Message, AskedWrongly);
        }
        catch (TracekitException e)
        {
            return Tell(e.Message, Failed);
        }
        catch (OperationCanceledException)
        {
            return Tell("interrupted", Interrupted);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Tell(e.Message, Failed);
        }
    }

    private static string Mistake(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = PathOf(command);
        var help = $"see '{path} --help'";
        if (parsed.UnmatchedTokens is [var word, ..])
        {
            return $"'{Printable.Line(word)}' is no {(word.StartsWith('-') ? "flag" : "command")} of {path}; {help}";
        }

        return command.Subcommands.Count > 0
            ? $"{path} needs a command: {string.Join(", ", command.Subcommands.Select(c => c.Name))}; {help}"
            : $"{Printable.Line(parsed.Errors[0].Message.TrimEnd('.'))}; {help}";
    }

    private static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}" : command.Name;

    private static int Tell(string error, int exitCode)
    {
        Console.Error.WriteLine($"tracekit: {new string([.. error.ReplaceLineEndings(" ").Select(c => char.IsControl(c) ? '?' : c)])}");
        return exitCode;
    }

    private static RootCommand Root()
    {
        var root = new RootCommand("Run a real workload under control, trace it, and replay the trace in a data-centre simulator.");
        foreach (var command in (Command[])[
            new RunCommand(), new DispatchCommand(), new SchedulerCommand(), new WorkerCommand(), new StatusCommand(), new WaitCommand(), new ExecCommand(), new CollectCommand(), new ParseCommand(), new MergeCommand(), new ExportCommand(), new VerifyCommand(), new ImportCommand(), new GenerateInputsCommand()])
        {
            root.Subcommands.Add(command);
        }

        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExamplesAfterHelp((HelpAction)help.Action!);
        return root;
    }

    /// <summary>The usual help, and below it the command's examples.</summary>
    private sealed class ExamplesAfterHelp(HelpAction usual) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var exit = usual.Invoke(parseResult);
            var lines = Examples.Of(parseResult.CommandResult.Command);
            if (lines.Count > 0)
            {
                Console.WriteLine("Examples:");
                foreach (var line in lines)
                {
                    Console.WriteLine($"  {line}");
                }
            }

            return exit;
        }
    }
}
