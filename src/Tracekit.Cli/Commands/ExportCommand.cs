using System.CommandLine;
using System.Text.Json;
using Tracekit.Cli.Display;
using Tracekit.Cli.Options;
using Tracekit.Model;
using Tracekit.Trace;
using Tracekit.Trace.OpenDc;

namespace Tracekit.Cli.Commands;

/// <summary><c>tracekit export opendc</c>: compact trace → a workload that OpenDC replays.</summary>
internal sealed class ExportCommand : Command
{
    private readonly Option<string?> _input = Flag.Path("--input", "the run: a node directory, or one that holds node directories");
    private readonly Option<string?> _output = Flag.Path("--output", "where the files go; default: opendc_traces/ and the input's name");
    private readonly Option<string> _taskIdMode = TaskIdFlag.Make();
    private readonly Option<int?> _cpuFreqMhz = Flag.WholeOrNone("--cpu-freq-mhz", 1, 1_000_000, "core frequency in MHz, in place of the trace's", "CPU_FREQ_MHZ");
    private readonly Option<bool> _json = Flag.Switch("--json", "print the result as JSON");

    public ExportCommand()
        : base("export", "export a parsed run")
    {
        var openDc = new Command("opendc", "write tasks.parquet, fragments.parquet and small_datacenter.json");
        foreach (Option option in (Option[])[_input, _output, _taskIdMode, _cpuFreqMhz, _json])
        {
            openDc.Options.Add(option);
        }

        openDc.SetAction(Run);
        Subcommands.Add(openDc);
    }

    private int Run(ParseResult result)
    {
        var input = result.GetValue(_input) ?? throw new UsageException("--input: which run? give its directory");
        var nodes = RunDirectory.NodesOf(input);
        var output = result.GetValue(_output) ?? Path.Combine("opendc_traces", Path.GetFileName(Path.GetFullPath(input).TrimEnd('/')));
        var options = new ExportOptions { TaskIdMode = TaskIdFlag.Parse(result.GetValue(_taskIdMode)!), CpuFreqMhz = result.GetValue(_cpuFreqMhz) ?? 0 };
        using var cancellation = InterruptSignal.Listen();
        using var progress = new StepProgress();
        var export = OpenDcExporter.Export(nodes, output, options, progress, cancellation.Token);
        if (result.GetValue(_json))
        {
            Console.WriteLine(JsonSerializer.Serialize(export, TraceResultsJson.Default.ExportResult));
        }
        else
        {
            Console.WriteLine($"{export.Tasks} tasks, {export.Fragments} fragments, {export.CpuMs / 1000:0.000} CPU seconds, ids by {export.TaskIdMode.ToString().ToLowerInvariant()}");
            ExportNotes.Write(export, Console.Out);
            Console.WriteLine($"  → {export.Directory}");
        }

        return 0;
    }
}
