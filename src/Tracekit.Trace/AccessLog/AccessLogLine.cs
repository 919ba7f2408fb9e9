using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Tracekit.Trace.AccessLog;

/// <summary>From a line of an access log to an invocation. Pure: the same line at the same place gives the same record.</summary>
internal static class AccessLogLine
{
    /// <summary>Reads a line in one format, or in the one it looks like; null when it holds no request.</summary>
    public static AccessLogRequest? TryParse(ReadOnlySpan<byte> line, AccessLogFormat format)
    {
        line = line.TrimEnd((byte)'\r');
        return format switch
        {
            AccessLogFormat.Envoy => EnvoyLine.TryParse(line),
            AccessLogFormat.Auto when line.StartsWith("["u8) => EnvoyLine.TryParse(line),
            _ => NginxLine.TryParse(line, format),
        };
    }

    /// <summary>The trace id of a request: the one that was logged, else one made of node, line and line number.</summary>
    public static Guid TraceId(AccessLogRequest request, ReadOnlySpan<byte> line, long lineNumber, string node)
    {
        if (request.RequestId is { } logged)
        {
            return logged;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{node}\n{lineNumber}\n"));
        hash.AppendData(line);

        // A UUID whose bits somebody chose: version 8 of RFC 9562, section 5.8.
        Span<byte> id = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(id);
        id[6] = (byte)((id[6] & 0x0f) | 0x80);
        id[8] = (byte)((id[8] & 0x3f) | 0x80);
        return new Guid(id[..16], bigEndian: true);
    }

    /// <summary>Writes the request as an invocation.</summary>
    public static void Write(Utf8JsonWriter json, AccessLogRequest request, Guid traceId, string node, string stage)
    {
        json.WriteStartObject();
        json.WriteString("trace_id"u8, traceId);
        json.WriteNull("span_id"u8);
        json.WriteNull("parent_id"u8);
        json.WriteString("module_id"u8, request.Format == AccessLogFormat.Envoy ? "envoy"u8 : "nginx"u8);
        json.WriteNull("instance_id"u8);
        json.WriteNumber("ts_enqueue"u8, request.TsStartMs);
        json.WriteNumber("ts_start"u8, request.TsStartMs);
        json.WriteNumber("ts_end"u8, request.TsEndMs);
        json.WriteString("node"u8, node);
        json.WriteString("stage"u8, stage);
        json.WriteString("method"u8, request.Method);
        json.WriteString("path"u8, request.Path);
        json.WriteNull("input"u8);
        json.WriteNull("output"u8);
        Number(json, "pid"u8, request.Pid);
        json.WriteNull("cpuset"u8);
        Number(json, "bytes_in"u8, request.BytesIn);
        Number(json, "bytes_out"u8, request.BytesOut);
        Number(json, "status"u8, request.Status);
        json.WriteNull("cpu_time_ms"u8);
        Number(json, "service_time_ms"u8, request.ServiceTimeMs);
        Number(json, "rt_ms"u8, request.ResponseTimeMs);
        json.WriteNumber("time_resolution_ms"u8, request.TimeResolutionMs);
        json.WriteBoolean("duration_known"u8, request.ResponseTimeMs is not null);
        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
