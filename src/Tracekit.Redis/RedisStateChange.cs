namespace Tracekit.Redis;

/// <summary>Whether there is a connection.</summary>
public enum RedisState
{
    /// <summary>The first connection could not be made; it is tried again for a while.</summary>
    Awaited,

    /// <summary>Connected and logged in.</summary>
    Connected,

    /// <summary>The connection broke; it is being made again.</summary>
    Lost,

    /// <summary>The server answers that it takes no such command for now (LOADING, MASTERDOWN, a replica); the command is sent again for a while.</summary>
    RefusedForNow,

    /// <summary>The server refuses us for good; nothing is tried any more.</summary>
    Refused,
}

/// <summary>A change of the connection. Its text is one line for the log.</summary>
/// <param name="State">What it is now.</param>
/// <param name="Endpoint">The masked URL.</param>
/// <param name="Reason">Why it was lost, refused or not made yet; where it is tried again, with the endpoint and for how long.</param>
public readonly record struct RedisStateChange(RedisState State, string Endpoint, string? Reason)
{
    /// <summary>One line for the log.</summary>
    public override string ToString() => State switch
    {
        RedisState.Awaited or RedisState.RefusedForNow => Reason ?? Endpoint,
        RedisState.Connected => $"{Endpoint}: connected",
        RedisState.Lost => $"{Endpoint}: connection lost: {Reason}; connecting again",
        _ => $"{Endpoint}: refused: {Reason}",
    };
}
