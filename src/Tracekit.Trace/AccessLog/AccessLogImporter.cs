using System.Buffers;
using System.Text.Json;
using Tracekit.Trace.Parse;

namespace Tracekit.Trace.AccessLog;

/// <summary>
/// Makes invocations of the lines of access logs, one for each request, in the order of the lines. Lines that hold no request are counted; a
/// last line without a line feed may have lost its end, so it is left out and told. In memory is one line.
/// </summary>
public static class AccessLogImporter
{
    /// <summary>The longest line that is read; servers refuse request lines and headers of this size long before.</summary>
    public const int MaxLineBytes = 64 * 1024;

    /// <summary>Imports logs into one file.</summary>
    /// <param name="logs">The logs, packed by gzip or not; <c>-</c> is standard input.</param>
    /// <param name="format">How their lines are spelled.</param>
    /// <param name="node">The node that wrote them, with id and stage; the log's clock is the node's.</param>
    /// <param name="output">The file of invocations, written beside and renamed.</param>
    /// <param name="standardInput">Opens standard input.</param>
    /// <param name="cancellation">Stops; then nothing is written.</param>
    /// <exception cref="UsageException">A log is not there.</exception>
    /// <exception cref="TracekitException">A file cannot be read or written, or no line of the logs holds a request; then nothing is written.</exception>
    public static ImportResult Import(
        IReadOnlyList<string> logs, AccessLogFormat format, NodeMeta node, string output, Func<Stream> standardInput, CancellationToken cancellation = default)
    {
        var import = new LogPass(format, node);
        AtomicFile.Write(output, stream =>
        {
            foreach (var log in logs)
            {
                import.Read(log, standardInput, stream, cancellation);
            }

            if (import.Requests == 0)
            {
                throw new TracekitException(
                    $"{Printable.Line(logs[0])}: {(import.Files.Sum(f => f.BadLines) is > 0 and var bad ? $"none of its {bad} lines is in a format that is known; see `tracekit import access-log --help`" : "holds no line")}");
            }
        });
        return import.ToResult(output);
    }

    private sealed class LogPass(AccessLogFormat format, NodeMeta node)
    {
        private const int FlushBytes = 64 * 1024;

        private readonly ArrayBufferWriter<byte> _text = new(2 * FlushBytes);
        private readonly long[] _byFormat = new long[Enum.GetValues<AccessLogFormat>().Length];
        private long _wholeSeconds;
        private long _withoutDuration;

        public long Requests => _byFormat.Sum();

        public List<FileCount> Files { get; } = [];

        public void Read(string log, Func<Stream> standardInput, Stream stream, CancellationToken cancellation)
        {
            var tally = default(LineTally);
            using var json = new Utf8JsonWriter(_text);
            try
            {
                foreach (var line in new LineReader(() => AccessLogFile.Open(log, standardInput), MaxLineBytes))
                {
                    cancellation.ThrowIfCancellationRequested();
                    tally.Seen++;
                    if (line.IsBlank)
                    {
                        continue;
                    }

                    var request = line.IsTooLong || !line.HasLineFeed ? null : AccessLogLine.TryParse(line.Bytes, format);
                    if (request is null)
                    {
                        tally.AddBad(line.HasLineFeed);
                        continue;
                    }

                    tally.Good++;
                    Count(request);
                    AccessLogLine.Write(json, request, AccessLogLine.TraceId(request, line.Bytes, tally.Seen, node.Node!), node.Node!, node.Stage!);
                    json.Flush();
                    json.Reset();
                    _text.Write("\n"u8);
                    if (_text.WrittenCount >= FlushBytes)
                    {
                        WriteOut(stream);
                    }
                }
            }
            catch (InvalidDataException)
            {
                // The packing is cut or broken: what came before counts, as before a torn tail.
                tally.TornTail = true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new TracekitException($"{log}: cannot read: {e.Message}", e);
            }

            WriteOut(stream);
            Files.Add(tally.ToCount(log, 0));
        }

        public ImportResult ToResult(string path) => new()
        {
            Path = path,
            Requests = Requests,
            Formats = Enum.GetValues<AccessLogFormat>().Where(f => _byFormat[(int)f] > 0).ToDictionary(AccessLogFormatName.Of, f => _byFormat[(int)f]),
            WholeSeconds = _wholeSeconds,
            WithoutDuration = _withoutDuration,
            Files = Files,
        };

        private void WriteOut(Stream stream)
        {
            stream.Write(_text.WrittenSpan);
            _text.ResetWrittenCount();
        }

        private void Count(AccessLogRequest request)
        {
            _byFormat[(int)request.Format]++;
            _wholeSeconds += request.TimeResolutionMs > 1 ? 1 : 0;
            _withoutDuration += request.ResponseTimeMs is null ? 1 : 0;
        }
    }
}
