using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Tracekit.Model;

/// <summary>What reading a JSON-lines file came to.</summary>
/// <param name="Lines">Lines that were read.</param>
/// <param name="BadLines">Lines that were no JSON object of the expected kind; they were skipped.</param>
/// <param name="TornTail">True when the last line had no line feed and was not whole: its writer was killed.</param>
public readonly record struct JsonLinesCount(long Lines, long BadLines, bool TornTail);

/// <summary>Files of one JSON object a line.</summary>
public static class JsonLines
{
    /// <summary>The longest line that is read; a longer one counts as bad.</summary>
    public const int MaxLineBytes = 1024 * 1024;

    /// <summary>One record as a line with its line feed.</summary>
    public static byte[] Serialize<T>(T record, JsonTypeInfo<T> type)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            JsonSerializer.Serialize(writer, record, type);
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Reads a file record by record. A bad line is counted and skipped; a torn last line is forgiven; a missing file is an empty one.
    /// </summary>
    public static JsonLinesCount Read<T>(string path, JsonTypeInfo<T> type, Action<T> each)
        where T : class
    {
        long lines = 0;
        long bad = 0;
        var torn = false;
        foreach (var line in new LineReader(path, MaxLineBytes))
        {
            if (line.IsBlank)
            {
                continue;
            }

            lines++;
            var record = line.IsTooLong ? null : TryParse(line.Bytes, type);
            if (record is not null)
            {
                each(record);
            }
            else if (!line.HasLineFeed)
            {
                torn = true;
                lines--;
            }
            else
            {
                bad++;
            }
        }

        return new JsonLinesCount(lines, bad, torn);
    }

    private static T? TryParse<T>(ReadOnlySpan<byte> line, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(line, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
