using System.Text.Json;
using Tracekit.Trace.Cctf;

namespace Tracekit.Trace.Merge;

/// <summary>Joins JSON documents of several nodes: arrays element by element, each element once.</summary>
internal static class DocumentMerge
{
    /// <summary>The most bytes that are read of one document.</summary>
    public const long MaxBytes = 16 * 1024 * 1024;

    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>Joins what the files hold; a file that holds one object counts as an array of it.</summary>
    /// <param name="files">The files.</param>
    /// <param name="to">The joined file; removed where there is nothing to join.</param>
    /// <param name="oneStaysAnObject">Where all files say the same object, it is written as it is and not as an array.</param>
    /// <exception cref="TraceFormatException">A file is no JSON document.</exception>
    public static void Write(IReadOnlyList<string> files, string to, bool oneStaysAnObject)
    {
        if (files.Count == 0)
        {
            CctfDirectory.Remove(to);
            return;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        var distinct = new List<JsonElement>();
        foreach (var file in files)
        {
            using var document = JsonDocumentFile.Read(file, MaxBytes)
                ?? throw new TraceFormatException($"{file}: is no JSON document; parse that node again");
            var root = document.RootElement;
            foreach (var element in root.ValueKind == JsonValueKind.Array ? root.EnumerateArray().ToArray() : [root])
            {
                if (seen.Add(Canonical(element)))
                {
                    distinct.Add(element.Clone());
                }
            }
        }

        AtomicFile.Write(to, stream =>
        {
            using var json = new Utf8JsonWriter(stream, Indented);
            if (oneStaysAnObject && distinct.Count == 1)
            {
                distinct[0].WriteTo(json);
                return;
            }

            json.WriteStartArray();
            distinct.ForEach(e => e.WriteTo(json));
            json.WriteEndArray();
        });
    }

    /// <summary>The same text for elements that are the same, in whatever order their fields stand.</summary>
    private static string Canonical(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(',', element.EnumerateObject()
            .OrderBy(f => f.Name, StringComparer.Ordinal)
            .Select(f => $"\"{JsonEncodedText.Encode(f.Name)}\":{Canonical(f.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(',', element.EnumerateArray().Select(Canonical))}]",
        JsonValueKind.String => $"\"{JsonEncodedText.Encode(element.GetString()!)}\"",
        _ => element.GetRawText(),
    };
}
