using Tracekit.Linux;
using Tracekit.Model;

namespace Tracekit.Collect;

/// <summary>This machine as a node of a run.</summary>
public static class NodeDescription
{
    /// <summary>Reads cores, memory, CPU model and frequency.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="nodeId">The node's id.</param>
    /// <param name="stage">The node's stage.</param>
    /// <param name="cpuFreqMhz">What the user says the frequency is, which beats what the machine says; null to ask the machine.</param>
    public static NodeMeta Read(string runId, string nodeId, string stage, int? cpuFreqMhz)
    {
        var cpu = ProcCpuInfo.Parse(File.ReadAllText("/proc/cpuinfo"));
        return new NodeMeta
        {
            RunId = runId,
            Node = nodeId,
            Stage = stage,
            Host = Environment.MachineName,
            CpuCores = CpuAffinity.Allowed().Count,
            MemMb = ProcMemInfo.Parse(File.ReadAllText("/proc/meminfo")).TotalKb / 1024,
            CpuModel = cpu.Model,
            CpuFreqMhz = cpuFreqMhz ?? CpuFrequency.BaseMhz(cpu),
        };
    }
}
