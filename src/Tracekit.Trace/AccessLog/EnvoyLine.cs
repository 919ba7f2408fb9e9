using System.Text;

namespace Tracekit.Trace.AccessLog;

/// <summary>
/// Reads a line of Envoy's default format (Envoy documentation, "Access logging: default format string"):
/// <c>[START_TIME] "METHOD PATH PROTOCOL" RESPONSE_CODE RESPONSE_FLAGS BYTES_RECEIVED BYTES_SENT DURATION UPSTREAM_SERVICE_TIME
/// "X-FORWARDED-FOR" "USER-AGENT" "X-REQUEST-ID" "AUTHORITY" "UPSTREAM_HOST"</c>.
/// </summary>
internal static class EnvoyLine
{
    /// <summary>Reads a line; null when it holds no request.</summary>
    public static AccessLogRequest? TryParse(ReadOnlySpan<byte> line)
    {
        var text = new LogText(line);
        if (!text.Skip("["u8) || text.Rest.IndexOf((byte)']') is not (> 0 and var end) || !LogTime.TryRfc3339(text.Rest[..end], out var startMs)
            || !text.Skip(text.Rest[..end]) || !text.Skip("] "u8) || !text.Quoted(out var requestLine)
            || !text.Skip(" "u8) || !text.NumberOrDash(out var status) || status > 999
            || !text.Skip(" "u8) || !text.Word(out _)
            || !text.Skip(" "u8) || !text.NumberOrDash(out var bytesIn)
            || !text.Skip(" "u8) || !text.NumberOrDash(out var bytesOut)
            || !text.Skip(" "u8) || !text.NumberOrDash(out var durationMs)
            || !text.Skip(" "u8) || !text.NumberOrDash(out var serviceMs)
            || !text.Skip(" "u8) || !text.Quoted(out _) || !text.Skip(" "u8) || !text.Quoted(out _)
            || !text.Skip(" "u8) || !text.Quoted(out var requestId)
            || !Lines.FieldLimits.IsTime(startMs + (durationMs ?? 0)))
        {
            return null;
        }

        var (method, path) = RequestLine.Split(requestLine);
        return new AccessLogRequest
        {
            Format = AccessLogFormat.Envoy,
            TsStartMs = startMs,
            TsEndMs = startMs + (durationMs ?? 0),
            TimeResolutionMs = 1,
            Method = method,
            Path = path,
            Status = (int?)status,
            BytesIn = bytesIn,
            BytesOut = bytesOut,
            ResponseTimeMs = durationMs,
            ServiceTimeMs = serviceMs,
            RequestId = Guid.TryParseExact(Encoding.UTF8.GetString(requestId), "D", out var id) ? id : null,
        };
    }
}
