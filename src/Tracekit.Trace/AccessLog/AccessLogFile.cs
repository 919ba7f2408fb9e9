using System.IO.Compression;

namespace Tracekit.Trace.AccessLog;

/// <summary>Opens a log, unpacked: a rotated one that gzip packed is known by its first bytes (RFC 1952), whatever its name.</summary>
internal static class AccessLogFile
{
    /// <summary>What stands for standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>Opens a file, or standard input.</summary>
    /// <exception cref="UsageException">There is no such file.</exception>
    /// <exception cref="TracekitException">It cannot be read.</exception>
    public static Stream Open(string path, Func<Stream> standardInput)
    {
        Stream stream;
        try
        {
            stream = path == StandardInput
                ? standardInput()
                : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException($"{path}: no such access log");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TracekitException($"{path}: cannot read: {e.Message}", e);
        }

        var buffered = new BufferedStream(stream, 64 * 1024);
        var first = new byte[2];
        var length = buffered.ReadAtLeast(first, first.Length, throwOnEndOfStream: false);
        var all = new PrependedStream(first.AsMemory(0, length), buffered);
        return length == 2 && first[0] == 0x1f && first[1] == 0x8b ? new GZipStream(all, CompressionMode.Decompress) : all;
    }

    /// <summary>A stream of which some bytes were read already.</summary>
    private sealed class PrependedStream(ReadOnlyMemory<byte> before, Stream rest) : Stream
    {
        private ReadOnlyMemory<byte> _before = before;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_before.IsEmpty || buffer.IsEmpty)
            {
                return rest.Read(buffer);
            }

            var length = Math.Min(_before.Length, buffer.Length);
            _before.Span[..length].CopyTo(buffer);
            _before = _before[length..];
            return length;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            rest.Dispose();
            base.Dispose(disposing);
        }
    }
}
