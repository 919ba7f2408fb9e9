using System.Text.Json;
using Tracekit.Trace.Lines;

namespace Tracekit.Trace.Parse;

/// <summary>Reads <c>node_meta.json</c>.</summary>
internal static class NodeFile
{
    /// <summary>The most bytes that are read of it.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>The node.</summary>
    /// <exception cref="UsageException">There is no such file.</exception>
    /// <exception cref="TraceFormatException">It does not describe a node.</exception>
    public static NodeMeta Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new UsageException($"{path}: no such file; give a directory that a run or collector wrote");
        }

        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw new TraceFormatException($"{path}: larger than {MaxBytes} bytes; it should be one JSON object");
            }

            return JsonSerializer.Deserialize(File.ReadAllBytes(path), TraceJson.Default.NodeMeta) is { } node && IsInRange(node)
                ? node
                : throw new TraceFormatException($"{path}: does not describe a node: its numbers are out of range");
        }
        catch (JsonException e)
        {
            throw new TraceFormatException($"{path}: is no description of a node: {Printable.Line(e.Message)}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{path}: cannot read: {e.Message}", e);
        }
    }

    private static bool IsInRange(NodeMeta node) =>
        node.CpuCores is >= 0 and <= FieldLimits.MaxCores
        && node.CpuFreqMhz is >= 0 and <= FieldLimits.MaxMhz
        && node.MemMb is >= 0 and <= FieldLimits.MaxMemMb;
}
