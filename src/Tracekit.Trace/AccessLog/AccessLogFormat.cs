namespace Tracekit.Trace.AccessLog;

/// <summary>The spellings of an access log that are understood.</summary>
public enum AccessLogFormat
{
    /// <summary>Every line is taken for what it looks like.</summary>
    Auto,

    /// <summary>nginx's <c>combined</c> (also Apache's): whole seconds, no duration.</summary>
    Combined,

    /// <summary><c>combined</c> with <c>$request_time</c> and <c>$upstream_response_time</c> behind it, and what stands behind those as NAME=VALUE.</summary>
    NginxTimed,

    /// <summary>Envoy's default format.</summary>
    Envoy,
}
