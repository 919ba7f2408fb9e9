using System.Text.Json;
using Tracekit.Trace.Parse;

namespace Tracekit.Trace.Cctf;

/// <summary>Reads a small file that is one JSON document.</summary>
internal static class JsonDocumentFile
{
    /// <summary>The document; null where the file holds none, or is larger than a description may be.</summary>
    /// <exception cref="TracekitException">The file cannot be read.</exception>
    public static JsonDocument? Read(string path, long maxBytes = NodeFile.MaxBytes)
    {
        try
        {
            return new FileInfo(path).Length <= maxBytes ? JsonDocument.Parse(File.ReadAllBytes(path)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{path}: cannot read: {e.Message}", e);
        }
    }
}
