using System.Text.Json;

namespace Tracekit.Trace.OpenDc;

/// <summary>Writes <c>small_datacenter.json</c>: one cluster with the nodes of the run as hosts, like ones joined.</summary>
internal static class DatacenterFile
{
    /// <summary>Writes the topology.</summary>
    public static void Write(Stream stream, IReadOnlyList<ExportNode> nodes)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteStartArray("clusters");
        json.WriteStartObject();
        json.WriteString("name", "C01");
        json.WriteStartArray("hosts");
        var number = 0;
        foreach (var like in nodes.GroupBy(n => (n.Cores, n.Mhz, n.MemoryBytes)))
        {
            number++;
            json.WriteStartObject();
            json.WriteString("name", $"H{number:00}");
            json.WriteNumber("count", like.Count());
            json.WriteStartObject("cpu");
            json.WriteNumber("coreCount", like.Key.Cores);
            json.WriteNumber("coreSpeed", like.Key.Mhz);
            json.WriteEndObject();
            json.WriteStartObject("memory");
            json.WriteNumber("memorySize", like.Key.MemoryBytes);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
