using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Tracekit.Cli.Options;
using Tracekit.Model;
using Tracekit.Trace;
using Tracekit.Trace.Verify;

namespace Tracekit.Cli.Commands;

/// <summary><c>tracekit verify opendc</c>: is this a workload that OpenDC replays as it was?</summary>
internal sealed class VerifyCommand : Command
{
    private readonly Option<string?> _input = Flag.Path("--input", "directory with tasks.parquet and fragments.parquet");
    private readonly Option<bool> _json = Flag.Switch("--json", "print the result as JSON");

    public VerifyCommand()
        : base("verify", "check an exported trace")
    {
        var openDc = new Command("opendc", "check schema, ids, order, durations and usage of an OpenDC workload");
        openDc.Options.Add(_input);
        openDc.Options.Add(_json);
        openDc.SetAction(Run);
        Subcommands.Add(openDc);
    }

    private int Run(ParseResult result)
    {
        var verified = OpenDcVerifier.Verify(result.GetValue(_input) ?? throw new UsageException("--input: which workload? give its directory"));
        if (result.GetValue(_json))
        {
            Console.WriteLine(JsonSerializer.Serialize(verified, TraceResultsJson.Default.VerifyResult));
        }
        else
        {
            Write(verified);
        }

        return verified.Ok ? 0 : 1;
    }

    private static void Write(VerifyResult verified)
    {
        var console = AnsiConsole.Console;
        foreach (var file in verified.Files)
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns(Markup.Escape($"{file.File}, {file.Rows} rows"), "found", "expected");
            foreach (var column in file.Columns)
            {
                table.AddRow(Markup.Escape(column.Name), Markup.Escape(column.Found), Markup.Escape(column.Expected));
            }

            console.Write(table);
        }

        Console.WriteLine($"{verified.Tasks} tasks of {verified.TaskMs / 1000.0:0.000} s, {verified.Fragments} fragments of {verified.FragmentMs / 1000.0:0.000} s");
        foreach (var fault in verified.Faults)
        {
            Console.WriteLine($"{fault.Severity.ToString().ToLowerInvariant()} {fault.Code}, {fault.Count} times: {fault.Message}");
            foreach (var example in fault.Examples)
            {
                Console.WriteLine($"  {example}");
            }
        }

        Console.WriteLine(verified.Ok ? "no fault" : "faulty");
    }
}
