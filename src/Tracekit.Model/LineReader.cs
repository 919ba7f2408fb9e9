namespace Tracekit.Model;

/// <summary>The lines of a file or stream, one buffer for all of them: a line is valid until the next one is asked for.</summary>
/// <param name="open">Opens what is read; null stands for nothing, which has no lines.</param>
/// <param name="maxLineBytes">What is longer than this is given without its text, marked as too long.</param>
public sealed class LineReader(Func<Stream?> open, int maxLineBytes)
{
    /// <summary>The lines of a file; one that is missing has none.</summary>
    public LineReader(string path, int maxLineBytes)
        : this(() => File.Exists(path) ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1) : null, maxLineBytes)
    {
    }

    /// <summary>One line, without its line feed.</summary>
    /// <param name="bytes">The text.</param>
    /// <param name="isTooLong">True when the line was cut.</param>
    /// <param name="hasLineFeed">False for a last line that its writer did not end.</param>
    public readonly ref struct Line(ReadOnlySpan<byte> bytes, bool isTooLong, bool hasLineFeed)
    {
        /// <summary>The text.</summary>
        public ReadOnlySpan<byte> Bytes { get; } = bytes;

        /// <summary>True when the line was cut.</summary>
        public bool IsTooLong { get; } = isTooLong;

        /// <summary>False for a last line that its writer did not end.</summary>
        public bool HasLineFeed { get; } = hasLineFeed;

        /// <summary>True when nothing but white space is in it.</summary>
        public bool IsBlank => !IsTooLong && !Bytes.ContainsAnyExcept(" \t\r"u8);
    }

    /// <summary>Starts reading.</summary>
    public Enumerator GetEnumerator() => new(open(), maxLineBytes);

    /// <summary>Reads line by line.</summary>
    public ref struct Enumerator
    {
        private readonly Stream? _file;
        private readonly int _maxLineBytes;
        private readonly byte[] _buffer;
        private int _start;
        private int _end;
        private bool _atEnd;

        internal Enumerator(Stream? file, int maxLineBytes)
        {
            _maxLineBytes = maxLineBytes;
            _buffer = new byte[maxLineBytes + 1];
            _file = file;
            _atEnd = _file is null;
        }

        /// <summary>The line read last.</summary>
        public Line Current { get; private set; }

        /// <summary>Reads the next line; false at the end.</summary>
        public bool MoveNext()
        {
            var tooLong = false;
            while (true)
            {
                var pending = _buffer.AsSpan(_start, _end - _start);
                var feed = pending.IndexOf((byte)'\n');
                if (feed >= 0)
                {
                    Current = new Line(tooLong ? default : pending[..feed], tooLong, hasLineFeed: true);
                    _start += feed + 1;
                    return true;
                }

                if (_atEnd)
                {
                    Current = new Line(tooLong ? default : pending, tooLong, hasLineFeed: false);
                    _start = _end;
                    return tooLong || pending.Length > 0;
                }

                if (pending.Length > _maxLineBytes)
                {
                    tooLong = true;
                    _start = _end = 0;
                }

                Fill();
            }
        }

        /// <summary>Closes what was read.</summary>
        public readonly void Dispose() => _file?.Dispose();

        private void Fill()
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
            var read = _file!.Read(_buffer, _end, _buffer.Length - _end);
            _end += read;
            _atEnd = read == 0;
        }
    }
}
