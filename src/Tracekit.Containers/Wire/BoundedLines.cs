using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Tracekit.Containers.Wire;

/// <summary>The lines of a body that may never end, each of a limited length.</summary>
internal static class BoundedLines
{
    private const int MaxLineBytes = 1024 * 1024;

    /// <summary>Reads to the end; lines without their line feed, empty ones left out.</summary>
    /// <exception cref="InvalidDataException">A line is longer than 1 MiB.</exception>
    public static async IAsyncEnumerable<byte[]> ReadAsync(Stream body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var reader = PipeReader.Create(body, new StreamPipeReaderOptions(leaveOpen: true));
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(cancellation).ConfigureAwait(false);
                var buffer = result.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    var line = buffer.Slice(0, end).ToArray();
                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                    if (line.Length > 0)
                    {
                        yield return line;
                    }
                }

                if (buffer.Length > MaxLineBytes)
                {
                    throw new InvalidDataException($"a line of more than {MaxLineBytes} bytes");
                }

                if (result.IsCompleted)
                {
                    if (buffer.Length > 0)
                    {
                        yield return buffer.ToArray();
                    }

                    yield break;
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
            }
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }
}
