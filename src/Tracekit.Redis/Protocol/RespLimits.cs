namespace Tracekit.Redis;

/// <summary>What one reply may be. Checked before memory is taken for it; a reply beyond ends the connection.</summary>
public sealed record RespLimits
{
    /// <summary>The limits when nothing else is said.</summary>
    public static RespLimits Default { get; } = new();

    /// <summary>Bytes of a status, error, number or length line.</summary>
    public int MaxLineBytes { get; init; } = 64 * 1024;

    /// <summary>Bytes of one bulk.</summary>
    public int MaxBulkBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Items of one array.</summary>
    public int MaxArrayItems { get; init; } = 1024 * 1024;

    /// <summary>Arrays within arrays.</summary>
    public int MaxDepth { get; init; } = 16;

    /// <summary>Bytes of memory of one whole reply: its texts, and 32 a value in an array.</summary>
    public long MaxReplyBytes { get; init; } = 256L * 1024 * 1024;
}
