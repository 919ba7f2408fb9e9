namespace Tracekit.Model;

/// <summary>Files that are whole or not there: written beside and renamed.</summary>
public static class AtomicFile
{
    /// <summary>Writes <paramref name="path"/> through a temporary file in the same directory.</summary>
    /// <exception cref="TracekitException">It could not be written: which file, and why.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.Read, 64 * 1024))
            {
                write(stream);
                stream.Flush(flushToDisk: false);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            throw new TracekitException($"{path}: cannot write: {e.Message}", e);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }
    }

    /// <summary>Writes text.</summary>
    public static void Write(string path, ReadOnlyMemory<byte> content) => Write(path, s => s.Write(content.Span));

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The first error is the one to tell; what is left over is named .tmp and ignored by every reader.
            _ = e;
        }
    }
}
