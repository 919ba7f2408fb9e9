namespace Tracekit.Redis;

/// <summary>There was no connection to send the command on, or it broke before the reply was there.</summary>
/// <param name="message">What, where and why.</param>
/// <param name="mayHaveExecuted">See <see cref="MayHaveExecuted"/>.</param>
public sealed class RedisConnectionLostException(string message, bool mayHaveExecuted) : RedisException(message)
{
    /// <summary>
    /// False when no byte of the command was given to the socket: it was certainly not executed. True when some were: whether it was executed is not
    /// known, so only a command that may run twice may be sent again.
    /// </summary>
    public bool MayHaveExecuted { get; } = mayHaveExecuted;
}
