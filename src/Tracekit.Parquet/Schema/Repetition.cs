namespace Tracekit.Parquet;

/// <summary>
/// How often a field stands in a row; the numbers are those of the format.
/// Source: <see href="https://github.com/apache/parquet-format#nested-encoding">parquet-format, Nested Encoding</see>.
/// </summary>
public enum Repetition
{
    /// <summary>Exactly once: no nulls.</summary>
    Required = 0,

    /// <summary>Once or not at all: may be null.</summary>
    Optional = 1,

    /// <summary>Any number of times: a list that is never null (how files from before the LIST annotation spell one).</summary>
    Repeated = 2,
}
