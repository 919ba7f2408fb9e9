namespace Tracekit.Redis;

/// <summary>What one call has put up with so far.</summary>
/// <param name="options">With the limits.</param>
internal struct Patience(RedisOptions options)
{
    private long _since;

    /// <summary>Attempts that failed.</summary>
    public int Failed { get; set; }

    /// <summary>How often the call waited for its script to be loaded.</summary>
    public int ScriptLoads { get; set; }

    /// <summary>To be asked at each refusal. True when the server has refused the command for now for as long as we wait.</summary>
    public bool IsAtItsEnd()
    {
        if (_since == 0)
        {
            _since = options.Time.GetTimestamp();
            return false;
        }

        return options.Time.GetElapsedTime(_since) >= options.MaxTransientWait;
    }
}
