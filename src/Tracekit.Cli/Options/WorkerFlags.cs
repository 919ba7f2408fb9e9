using System.CommandLine;
using Tracekit.Linux;
using Tracekit.Schedule;

namespace Tracekit.Cli.Options;

/// <summary>The flags of <c>worker</c>: what this machine offers and how it runs tasks.</summary>
internal sealed class WorkerFlags
{
    private readonly Option<string> _outputs = Flag.PathOr("--outputs", "outputs", "directory for the videos made");
    private readonly Option<int> _parallel = Flag.Whole("--parallel", 0, 0, WorkerOptions.MaxParallel, "tasks at once; 0: as many as the capacity holds");
    private readonly Option<int> _capacityUnits = Flag.Whole("--capacity-units", 0, 0, CapacityUnits.Max, "capacity of this node; 0: ratio × cores");
    private readonly Option<double> _allocationRatio = Flag.Number("--allocation-ratio", 1, 0.001, CapacityUnits.MaxRatio, "capacity units for each core");
    private readonly Option<string> _cpuBinding = Flag.Choice("--cpu-binding", "exclusive", ["exclusive", "shared"], "cores of its own for each task, or all cores by weight");
    private readonly Option<int> _weightPerVcpu = Flag.Whole("--cpuweight-per-vcpu", 100, 1, 10_000, "shared: CPU weight of each unit");

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_outputs, _parallel, _capacityUnits, _allocationRatio, _cpuBinding, _weightPerVcpu])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Where the videos go.</summary>
    public string Outputs(ParseResult result) => result.GetValue(_outputs)!;

    /// <summary>What the worker offers.</summary>
    public WorkerOptions OptionsOf(ParseResult result, string nodeId) => new()
    {
        NodeId = nodeId,
        Topology = CpuTopology.Of(CpuAffinity.Allowed()),
        Parallel = result.GetValue(_parallel),
        CapacityUnits = result.GetValue(_capacityUnits),
        AllocationRatio = result.GetValue(_allocationRatio),
        CpuBinding = WorkerOptions.ParseBinding(result.GetValue(_cpuBinding)!),
        CpuWeightPerVcpu = result.GetValue(_weightPerVcpu),
    };
}
