using Tracekit.Model;

namespace Tracekit.Redis;

/// <summary>Something between us and Redis failed. The message is one line and holds no password.</summary>
public class RedisException : TracekitException
{
    /// <summary>A failure told in one line.</summary>
    public RedisException(string message)
        : base(message)
    {
    }

    /// <summary>A failure told in one line, with what caused it.</summary>
    public RedisException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
