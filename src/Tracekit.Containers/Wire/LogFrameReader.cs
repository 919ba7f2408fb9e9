using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Tracekit.Containers.Wire;

/// <summary>
/// Takes apart what the engine sends of a container without a terminal (Engine API, "Attach to a container", stream format): a header of 8 bytes,
/// the stream's number, three zeros, a length as 32 bits big endian, and as many bytes.
/// </summary>
internal static class LogFrameReader
{
    private const int HeaderBytes = 8;

    // A frame may promise 4 GiB; it is given out in pieces of this size at most.
    private const int MaxPieceBytes = 64 * 1024;

    /// <summary>Reads to the end.</summary>
    /// <exception cref="InvalidDataException">A header names a stream that there is none of.</exception>
    /// <exception cref="EndOfStreamException">It ends within a frame.</exception>
    public static async IAsyncEnumerable<LogFrame> ReadFramesAsync(Stream body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var header = new byte[HeaderBytes];
        while (true)
        {
            var got = await body.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
            if (got == 0)
            {
                yield break;
            }

            if (got < HeaderBytes)
            {
                throw new EndOfStreamException();
            }

            // Number 0 is standard input, which the engine reports as output.
            var stream = header[0] switch
            {
                0 or 1 => LogSource.Output,
                2 => LogSource.Error,
                _ => throw new InvalidDataException($"a log frame of stream {header[0]}"),
            };
            for (var left = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)); left > 0;)
            {
                var piece = new byte[Math.Min(left, MaxPieceBytes)];
                await body.ReadExactlyAsync(piece, cancellation).ConfigureAwait(false);
                left -= (uint)piece.Length;
                yield return new LogFrame(stream, piece);
            }
        }
    }

    /// <summary>Reads what a container with a terminal wrote: bytes, and nothing about them.</summary>
    public static async IAsyncEnumerable<LogFrame> ReadRawAsync(Stream body, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            var piece = new byte[MaxPieceBytes];
            var got = await body.ReadAsync(piece, cancellation).ConfigureAwait(false);
            if (got == 0)
            {
                yield break;
            }

            yield return new LogFrame(LogSource.Output, piece.AsMemory(0, got));
        }
    }
}
