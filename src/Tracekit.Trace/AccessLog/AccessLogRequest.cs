namespace Tracekit.Trace.AccessLog;

/// <summary>One request as an access log tells it. Who sent it, with what agent and from where, is left out on purpose.</summary>
internal sealed record AccessLogRequest
{
    /// <summary>How its line was spelled; never <see cref="AccessLogFormat.Auto"/>.</summary>
    public required AccessLogFormat Format { get; init; }

    /// <summary>When the first bytes of it came, in ms since the epoch; where no duration is logged, the time of the line.</summary>
    public required long TsStartMs { get; init; }

    /// <summary>When it was answered, in ms since the epoch.</summary>
    public required long TsEndMs { get; init; }

    /// <summary>How exact the times are, in ms: 1000 where the log has whole seconds, rounded down.</summary>
    public required int TimeResolutionMs { get; init; }

    /// <summary>The HTTP method; null for a request that was none.</summary>
    public string? Method { get; init; }

    /// <summary>The path, without query: a query may hold secrets. Null for a request that was none.</summary>
    public string? Path { get; init; }

    /// <summary>The HTTP status; null where none was sent.</summary>
    public int? Status { get; init; }

    /// <summary>Bytes of the request, if logged.</summary>
    public long? BytesIn { get; init; }

    /// <summary>Bytes of the answer's body, if logged.</summary>
    public long? BytesOut { get; init; }

    /// <summary>Time from the first bytes of the request to the last of the answer, in ms; null where it is not logged.</summary>
    public long? ResponseTimeMs { get; init; }

    /// <summary>Time that the servers behind took, in ms, retries added up; null where none was asked.</summary>
    public long? ServiceTimeMs { get; init; }

    /// <summary>The id that the server gave the request, if it is a UUID.</summary>
    public Guid? RequestId { get; init; }

    /// <summary>The process that served it, if logged.</summary>
    public int? Pid { get; init; }
}
