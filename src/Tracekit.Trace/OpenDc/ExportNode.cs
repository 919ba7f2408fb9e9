using System.Text.Json;
using Tracekit.Trace.Lines;

namespace Tracekit.Trace.OpenDc;

/// <summary>A node as the exporter needs it: everything known and positive.</summary>
/// <param name="Name">Its id.</param>
/// <param name="Files">Its compact trace.</param>
/// <param name="Cores">Logical cores.</param>
/// <param name="Mhz">MHz of a core.</param>
/// <param name="MemoryBytes">Memory.</param>
internal sealed record ExportNode(string Name, CtsDirectory Files, int Cores, int Mhz, long MemoryBytes)
{
    private const int MaxNodesFileBytes = 1024 * 1024;

    /// <summary>Reads <c>CTS/nodes.json</c>.</summary>
    /// <exception cref="UsageException">The run is not parsed, or the frequency is not known.</exception>
    /// <exception cref="TraceFormatException">The file does not describe a node.</exception>
    public static ExportNode Read(RunDirectory directory, int cpuFreqMhz)
    {
        var cts = directory.Cts;
        if (!File.Exists(cts.Nodes) || !File.Exists(cts.Invocations))
        {
            throw new UsageException($"{directory.Path}: has no compact trace; run `tracekit parse {directory.Path}` first");
        }

        var node = ReadFirst(cts.Nodes);
        var mhz = cpuFreqMhz > 0 ? cpuFreqMhz : node.CpuFreqMhz;
        if (mhz <= 0)
        {
            throw new UsageException($"{cts.Nodes}: the CPU frequency of node {Printable.Line(node.NodeId ?? "?")} is not known; give it with --cpu-freq-mhz or CPU_FREQ_MHZ");
        }

        return node.CpuCores is > 0 and <= FieldLimits.MaxCores && mhz <= FieldLimits.MaxMhz && node.MemMb is >= 0 and <= FieldLimits.MaxMemMb
            ? new ExportNode(node.NodeId ?? "", cts, node.CpuCores, mhz, node.MemMb * 1024 * 1024)
            : throw new TraceFormatException($"{cts.Nodes}: cpu_cores, mem_mb or cpu_freq_mhz is out of range; correct node_meta.json and parse again");
    }

    private static CtsNode ReadFirst(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxNodesFileBytes)
            {
                throw new TraceFormatException($"{path}: larger than {MaxNodesFileBytes} bytes; it should be a short array of nodes");
            }

            var nodes = JsonSerializer.Deserialize(File.ReadAllBytes(path), TraceJson.Default.CtsNodeArray);
            return nodes is [{ } only]
                ? only
                : throw new TraceFormatException($"{path}: describes {nodes?.Length ?? 0} nodes where the trace of one node stands; parse the run again");
        }
        catch (JsonException e)
        {
            throw new TraceFormatException($"{path}: is no array of nodes: {Printable.Line(e.Message)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{path}: cannot read: {e.Message}", e);
        }
    }
}
