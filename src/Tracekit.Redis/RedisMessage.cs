namespace Tracekit.Redis;

/// <summary>What a subscriber reads.</summary>
/// <param name="Channel">The channel; null when messages may have been missed.</param>
/// <param name="Payload">The message.</param>
public readonly record struct RedisMessage(string? Channel, ReadOnlyMemory<byte> Payload)
{
    /// <summary>
    /// True when messages may have been missed (the connection was lost for a while, or they came faster than they were read): look at the state itself.
    /// </summary>
    public bool IsGap => Channel is null;
}
