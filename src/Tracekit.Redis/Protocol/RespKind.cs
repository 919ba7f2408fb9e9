namespace Tracekit.Redis;

/// <summary>The types of a RESP2 reply (Redis serialization protocol specification).</summary>
public enum RespKind : byte
{
    /// <summary>Nothing there: <c>$-1</c> or <c>*-1</c>.</summary>
    Null,

    /// <summary>A status line such as <c>+OK</c>.</summary>
    Simple,

    /// <summary>An error: <c>-CODE text</c>.</summary>
    Error,

    /// <summary>A signed 64-bit number: <c>:42</c>.</summary>
    Number,

    /// <summary>Bytes with their length: <c>$5</c>.</summary>
    Bulk,

    /// <summary>A list of values: <c>*2</c>.</summary>
    Array,
}
