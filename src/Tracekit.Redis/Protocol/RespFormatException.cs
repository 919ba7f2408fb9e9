namespace Tracekit.Redis;

/// <summary>The peer sent what is no RESP, or more of it than <see cref="RespLimits"/> allows. The connection is of no use after it.</summary>
public sealed class RespFormatException(string message) : RedisException(message);
