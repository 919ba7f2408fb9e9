using System.Text;

namespace Tracekit.Trace.AccessLog;

/// <summary>
/// Reads a line of nginx's <c>combined</c> (ngx_http_log_module), with or without times behind it:
/// <c>$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"</c>, then perhaps
/// further texts in quotation marks, then perhaps <c>$request_time $upstream_response_time</c>, then perhaps <c>msec=$msec</c>,
/// <c>request_length=$request_length</c>, <c>request_id=$request_id</c> and <c>pid=$pid</c> in any order.
/// </summary>
internal static class NginxLine
{
    /// <summary>Reads a line; null when it holds no request.</summary>
    /// <param name="line">The line without its line feed.</param>
    /// <param name="format">Whether times have to be there, are not looked at, or may be there.</param>
    public static AccessLogRequest? TryParse(ReadOnlySpan<byte> line, AccessLogFormat format)
    {
        var text = new LogText(line);
        if (!text.Word(out _) || !text.Skip(" "u8) || !text.Word(out _) || !text.Skip(" "u8) || !TrySkipUser(ref text, out var loggedMs)
            || !text.Skip(" "u8) || !text.Quoted(out var requestLine)
            || !text.Skip(" "u8) || !text.NumberOrDash(out var status) || status > 999
            || !text.Skip(" "u8) || !text.NumberOrDash(out var bytesOut)
            || !text.Skip(" "u8) || !text.Quoted(out _) || !text.Skip(" "u8) || !text.Quoted(out _))
        {
            return null;
        }

        var (method, path) = RequestLine.Split(requestLine);
        var request = new AccessLogRequest
        {
            Format = AccessLogFormat.Combined,
            TsStartMs = loggedMs,
            TsEndMs = loggedMs,
            TimeResolutionMs = 1000,
            Method = method,
            Path = path,
            Status = (int?)status,
            BytesOut = bytesOut,
        };
        if (format == AccessLogFormat.Combined)
        {
            return request;
        }

        // Logs often go on with "$http_x_forwarded_for" or the like.
        var more = text;
        while (more.Skip(" "u8) && more.Quoted(out _))
        {
            text = more;
        }

        return TryTimes(text, request) is { } timed ? timed
            : format == AccessLogFormat.NginxTimed ? null
            : request;
    }

    /// <summary>A user name may have spaces in it, so it ends where a time begins.</summary>
    private static bool TrySkipUser(ref LogText text, out long loggedMs)
    {
        loggedMs = 0;
        while (!text.IsAtEnd)
        {
            var at = text.Rest.IndexOf(" ["u8);
            if (at < 0)
            {
                return false;
            }

            text.Skip(text.Rest[..(at + 2)]);
            if (text.Rest.Length > LogTime.LocalLength && text.Rest[LogTime.LocalLength] == ']' && LogTime.TryLocal(text.Rest[..LogTime.LocalLength], out loggedMs))
            {
                return text.Skip(text.Rest[..(LogTime.LocalLength + 1)]);
            }
        }

        return false;
    }

    private static AccessLogRequest? TryTimes(LogText text, AccessLogRequest request)
    {
        if (!text.Skip(" "u8) || !text.Word(out var seconds) || !LogText.TrySecondsAsMs(seconds, out var responseMs)
            || !text.Skip(" "u8) || !TryUpstream(ref text, out var serviceMs))
        {
            return null;
        }

        var timed = request with { Format = AccessLogFormat.NginxTimed, ResponseTimeMs = responseMs, ServiceTimeMs = serviceMs };
        while (text.Skip(" "u8) && text.Word(out var word))
        {
            timed = Named(word, timed);
        }

        timed = timed with { TsStartMs = timed.TsEndMs - responseMs };
        return timed.TsStartMs > 0 ? timed : null;
    }

    /// <summary>
    /// <c>0.001, 0.002 : 0.003</c>: a time for each server that was asked, a colon where another group of servers was turned to, a dash for
    /// one that was not reached. They are added up; without any number there was none.
    /// </summary>
    private static bool TryUpstream(ref LogText text, out long? serviceMs)
    {
        serviceMs = null;
        while (true)
        {
            if (!text.Word(out var word))
            {
                return false;
            }

            var goesOn = word[^1] == ',';
            word = goesOn ? word[..^1] : word;
            if (word is not [(byte)'-'])
            {
                if (!LogText.TrySecondsAsMs(word, out var ms))
                {
                    return false;
                }

                serviceMs = (serviceMs ?? 0) + ms;
            }

            goesOn |= text.Skip(" :"u8);
            if (!goesOn)
            {
                return true;
            }

            if (!text.Skip(" "u8))
            {
                return false;
            }
        }
    }

    /// <summary>What stands as NAME=VALUE; a name that is not known, or a value that is none, is as if it were not there.</summary>
    private static AccessLogRequest Named(ReadOnlySpan<byte> word, AccessLogRequest request)
    {
        var equals = word.IndexOf((byte)'=');
        var name = word[..Math.Max(equals, 0)];
        var value = word[(equals + 1)..];
        return name.SequenceEqual("msec"u8) && LogText.TrySecondsAsMs(value, out var ms) && Lines.FieldLimits.IsTime(ms) ? request with { TsEndMs = ms, TimeResolutionMs = 1 }
            : name.SequenceEqual("request_length"u8) && LogText.TryWhole(value, out var bytes) ? request with { BytesIn = bytes }
            : name.SequenceEqual("request_id"u8) && Guid.TryParseExact(Encoding.UTF8.GetString(value), "N", out var id) ? request with { RequestId = id }
            : name.SequenceEqual("pid"u8) && LogText.TryWhole(value, out var pid) && Lines.FieldLimits.IsPid(pid) ? request with { Pid = (int)pid }
            : request;
    }
}
